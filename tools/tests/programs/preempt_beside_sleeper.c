// A process that sleeps for long does not keep the others from being preempted: the earlier deadline counts.
#include "check.h"

#include <sched.h>
#include <time.h>

int main(void) {
    pid_t sleeper = fork();
    if (sleeper == 0) {
        nanosleep(&(struct timespec){.tv_sec = 1000}, NULL);
        _exit(1);
    }
    // Now the machine is idle, with two deadlines to come. After this one only the sleeper's is left.
    CHECK(sleeper > 0 && nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL) == 0);
    pid_t spinner = fork();
    CHECK(spinner >= 0);
    if (spinner == 0) {
        for (volatile int spin = 0;; ++spin) continue;
    }
    CHECK(sched_yield() == 0);
    int status;
    CHECK(kill(spinner, SIGKILL) == 0);
    CHECK(waitpid(spinner, &status, 0) == spinner && killed_by(status, SIGKILL));
    CHECK(kill(sleeper, SIGKILL) == 0);
    CHECK(waitpid(sleeper, &status, 0) == sleeper && killed_by(status, SIGKILL));
    return 0;
}
