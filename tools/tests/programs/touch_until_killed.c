// Memory is promised freely; who touches more than there is, dies alone: SIGKILL, and the others go on.
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { page = 4096 };

static void greedy(void) {
    const size_t size = (size_t)8 << 30;
    volatile char* memory = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(memory != MAP_FAILED);
    for (size_t at = 0; at < size; at += page) memory[at] = 1;
}

// The same through the kernel's own writes.
static void greedy_reader(void) {
    const size_t size = (size_t)8 << 30;
    char* memory = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(memory != MAP_FAILED);
    int ends[2];
    CHECK(pipe(ends) == 0);
    for (size_t at = 0; at < size; at += page) {
        CHECK(write(ends[1], "x", 1) == 1);
        CHECK(read(ends[0], memory + at, 1) == 1);
    }
}

int main(void) {
    volatile int mine = 7;
    for (int round = 0; round < 4; ++round) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            if (round % 2 == 0)
                greedy();
            else
                greedy_reader();
            _exit(0);
        }
        int status = 0;
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        CHECK(mine++ == 7 + round);
    }
    return 0;
}
