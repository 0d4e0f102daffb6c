// A read of /proc, for which the other harts stop, waits at most until a long system call on another hart takes its
// next step: no two of these calls end meanwhile.
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>

enum { reads = 20, bytes = 24 << 20 };

int main(void) {
    volatile int* calls = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK((void*)calls != MAP_FAILED);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char* room = malloc(bytes);
        const int zeros = open("/dev/zero", O_RDONLY);
        CHECK(room != NULL && zeros >= 0);
        for (;; ++*calls) CHECK(read(zeros, room, bytes) == bytes);
    }
    char path[32], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", child);
    while (*calls == 0) usleep(1000);
    for (int i = 0; i < reads; ++i) {
        const int file = open(path, O_RDONLY);
        CHECK(file >= 0);
        const int before = *calls;
        CHECK(read(file, text, sizeof text) > 0);
        CHECK(*calls - before < 2);
        CHECK(close(file) == 0);
    }
    CHECK(kill(child, SIGKILL) == 0 && wait(NULL) == child);
    return 0;
}
