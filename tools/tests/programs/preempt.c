// Processes that never give up the hart share it, and all of them make progress.
#include "check.h"

#include <sched.h>
#include <time.h>

enum { SPINNING = 6 };  // more than there are harts

int main(void) {
    pid_t child[SPINNING];
    for (int n = 0; n < SPINNING; ++n) {
        child[n] = fork();
        CHECK(child[n] >= 0);
        if (child[n] == 0) {
            for (volatile int spin = 0;; ++spin) continue;
        }
    }
    // They do not starve this process,
    for (int n = 0; n < 3; ++n) {
        CHECK(nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL) == 0);
        CHECK(sched_yield() == 0);
    }
    // and each of them can be killed.
    for (int n = 0; n < SPINNING; ++n) {
        int status;
        CHECK(kill(child[n], SIGKILL) == 0);
        CHECK(waitpid(child[n], &status, 0) == child[n] && killed_by(status, SIGKILL));
    }
    return 0;
}
