// The rows P3 and P4 of bench for a parent without a libc, which has fewer regions and pages that a fork must look at.
#include <signal.h>

#include "raw_call.h"

struct costs {
    uint64_t fork, fork_exit_wait;
};

static struct costs measure(void) {
    uint64_t start = instructions();
    long child = call(SYS_clone, SIGCHLD, 0, 0, 0);
    if (child == 0) call(SYS_exit_group, 0, 0, 0, 0);
    uint64_t forked = instructions();
    call(SYS_wait4, child, 0, 0, 0);
    return (struct costs){forked - start, instructions() - start};
}

__attribute__((noreturn)) void _start(void) {
    measure();  // the first time, pages are touched that the second one finds
    struct costs costs = measure();
    static const char fork[] = "P3 fork_without_libc 0 ", wait[] = "P4 fork_exit_wait_without_libc 0 ";
    raw_row(fork, sizeof fork - 1, costs.fork);
    raw_row(wait, sizeof wait - 1, costs.fork_exit_wait);
    call(SYS_exit_group, 0, 0, 0, 0);
    __builtin_unreachable();
}
