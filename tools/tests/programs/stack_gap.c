// A function with a frame larger than a page can skip a guard page (CVE-2017-1000364, Stack Clash). On ox the stack
// still cannot reach a mapping below it: the process dies first.
#include <alloca.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "check.h"

enum { FRAME = 64 << 10, MAPPED = 1 << 20 };

static __attribute__((noinline)) void down(long frames) {
    volatile char* frame = alloca(FRAME);
    frame[0] = 'X';
    if (frames > 0) down(frames - 1);
    frame[1] = 'Y';
}

int main(void) {
    const struct rlimit eight_mib = {8 << 20, 8 << 20};
    CHECK(setrlimit(RLIMIT_STACK, &eight_mib) == 0);
    const pid_t maker = fork();
    CHECK(maker >= 0);
    if (maker == 0) {
        // The highest mapping below the stack is the first one that the stack would reach.
        char* below = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        CHECK(below != MAP_FAILED);
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) down(2 * (8 << 20) / FRAME);
        int status;
        CHECK(waitpid(child, &status, 0) == child && killed_by(status, SIGSEGV));
        CHECK(memchr(below, 'X', MAPPED) == NULL);
        _exit(0);
    }
    int status;
    CHECK(waitpid(maker, &status, 0) == maker && exited_with(status, 0));
    return 0;
}
