// A chain of forks, each child larger than its parent, until memory is gone: fork says so, everybody is whole, and all
// of it comes back, so that the second and the third chain are as deep as the first.
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { page = 4096, pages = 64 };

// Depth reached below here, through the pipe; the process that cannot fork any more writes it.
static void chain(int depth, int report) {
    char* own = mmap(0, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (own != MAP_FAILED) {
        for (int i = 0; i < pages; ++i) own[i * page] = (char)depth;
    }
    pid_t child = fork();
    if (child == 0) {
        chain(depth + 1, report);
        _exit(0);
    }
    if (child < 0) {
        CHECK(errno == ENOMEM || errno == EAGAIN);
        CHECK(write(report, &depth, sizeof depth) == sizeof depth);
        return;
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status)) {  // the child was killed for want of memory before it came to fork
        CHECK(WTERMSIG(status) == SIGKILL);
        CHECK(write(report, &depth, sizeof depth) == sizeof depth);
    }
    if (own != MAP_FAILED) {
        for (int i = 0; i < pages; ++i) CHECK(own[i * page] == (char)depth);
    }
}

static int depth_of_chain(void) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        chain(1, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    int depth = 0;
    CHECK(read(ends[0], &depth, sizeof depth) == sizeof depth);
    close(ends[0]);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    return depth;
}

int main(void) {
    int first = depth_of_chain();
    printf("depth %d\n", first);
    CHECK(first > 4);
    for (int n = 0; n < 2; ++n) {
        int again = depth_of_chain();
        printf("depth %d\n", again);
        CHECK(again >= first - 1 && again <= first + 1);
    }
    return 0;
}
