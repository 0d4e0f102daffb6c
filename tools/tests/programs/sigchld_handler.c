// A parent that sleeps in waitpid has run its handler of SIGCHLD when the call returns.
#include "check.h"

#include <time.h>

static volatile pid_t reported;
static void note(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)context;
    reported = info->si_pid;
}

int main(void) {
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_RESTART};
    action.sa_sigaction = note;
    CHECK(sigaction(SIGCHLD, &action, NULL) == 0);
    pid_t child = fork();
    if (child == 0) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);  // the parent sleeps by then
        _exit(5);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 5));
    CHECK(reported == child);
    return 0;
}
