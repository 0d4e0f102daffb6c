// A parent that ignores SIGCHLD moves its children to groups of their own. A child may end at any moment meanwhile;
// then there is no such process.
#include "check.h"

enum { forks = 500 };

int main(void) {
    CHECK(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    for (int i = 0; i < forks; ++i) {
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) _exit(0);
        for (int again = 0; again < 1000; ++again) {
            if (setpgid(child, again % 2 == 0 ? child : getpgrp()) == 0) continue;
            CHECK(errno == ESRCH || (errno == EPERM && again % 2 != 0));
            break;
        }
    }
    CHECK_ERROR(wait(NULL), ECHILD);
    return 0;
}
