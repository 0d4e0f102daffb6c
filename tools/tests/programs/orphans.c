// Exits with 5 at once and leaves five children, each of which prints `orphan` when it has a new parent.
#include "check.h"

int main(void) {
    signal(SIGHUP, SIG_IGN);  // the exit of the session's leader sends SIGHUP to the foreground
    pid_t parent = getpid();
    for (int n = 0; n < 5; ++n) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child > 0) continue;
        while (getppid() == parent) usleep(1000);
        CHECK(write(1, "orphan\n", 7) == 7);
        _exit(0);
    }
    return 5;
}
