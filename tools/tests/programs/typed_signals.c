// For tests that type: prints which signals a child gets that runs in the foreground, in a process group of its own.
// The child computes ("spins") or sleeps ("waits"). A stopped child is continued, a killed one is replaced. The program
// ends when the child exits, which it does after q and return.
#include "check.h"

#include <fcntl.h>

static void child(int spins) {
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    CHECK(tcsetpgrp(0, getpgrp()) == 0);
    signal(SIGTTOU, SIG_DFL);
    dprintf(1, "ready\n");
    char c = 0;
    if (spins) fcntl(0, F_SETFL, O_NONBLOCK);
    while (c != 'q') read(0, &c, 1);
    _exit(0);
}

int main(int count, char** arguments) {
    signal(SIGTTOU, SIG_IGN);
    for (int status = -1; !exited_with(status, 0);) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) child(count > 1 && strcmp(arguments[1], "spins") == 0);
        CHECK(waitpid(pid, &status, WUNTRACED) == pid);
        while (WIFSTOPPED(status)) {
            CHECK(tcsetpgrp(0, getpgrp()) == 0);
            CHECK(tcsetpgrp(0, pid) == 0 && kill(-pid, SIGCONT) == 0);
            printf("\nstopped %d\n", WSTOPSIG(status));  // from now on it can be stopped again
            fflush(stdout);
            CHECK(waitpid(pid, &status, WUNTRACED) == pid);
        }
        CHECK(tcsetpgrp(0, getpgrp()) == 0);
        if (WIFSIGNALED(status)) printf("\nkilled %d\n", WTERMSIG(status));
        fflush(stdout);
    }
    return 0;
}
