// No signal ends or stops process 1, because it has no handler. It goes on adopting orphans. (No Linux has to bear
// this.)
#include "check.h"

#include <sys/syscall.h>

static int grandchild[2];

// Leaves a child behind.
static void orphan_one(void) {
    if (fork() == 0) {
        while (getppid() != 1) continue;
        _exit(write(grandchild[1], "x", 1) == 1 ? 0 : 1);
    }
}

int main(void) {
    char c;
    CHECK(pipe(grandchild) == 0 && getppid() == 1);
    for (int signal = 1; signal <= 64; ++signal) {
        CHECK(kill(1, signal) == 0 && syscall(SYS_tkill, 1, signal) == 0);
        CHECK(syscall(SYS_rt_sigqueueinfo, 1, signal, &(siginfo_t){.si_code = SI_QUEUE}) == 0);
    }
    CHECK_ERROR(kill(1, 65), EINVAL);
    CHECK(exited_with(status_of(orphan_one), 0) && read(grandchild[0], &c, 1) == 1);
    return 0;
}
