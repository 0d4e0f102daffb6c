// kill(2) ends a group that forks all the time: no child that is just being created escapes.
#include "check.h"

// Each process forks the next one and exits, so a fork is nearly always in progress.
static void chain(int go) {
    char byte;
    if (setpgid(0, 0) != 0 || read(go, &byte, 1) != 1) _exit(1);
    for (;;) {
        if (fork() != 0) _exit(0);
    }
}

int main(void) {
    for (int round = 0; round < 20; ++round) {
        int alive[2], go[2];
        CHECK(pipe(alive) == 0 && pipe(go) == 0);
        pid_t group = fork();
        CHECK(group >= 0);
        if (group == 0) chain(go[0]);
        pid_t member = fork();  // keeps the group from being empty, wherever the chain is
        if (member == 0) {
            while (setpgid(0, group) != 0) continue;
            close(alive[0]);
            CHECK(write(alive[1], "x", 1) == 1);
            for (;;) pause();
        }
        char byte;
        setpgid(group, group);
        CHECK(close(alive[1]) == 0 && read(alive[0], &byte, 1) == 1);
        CHECK(write(go[1], "x", 1) == 1);
        usleep(2000 + 100 * round);
        CHECK(kill(-group, SIGKILL) == 0);
        CHECK(read(alive[0], &byte, 1) == 0);  // end of file: no process has the pipe any more
        CHECK(close(alive[0]) == 0 && close(go[0]) == 0 && close(go[1]) == 0);
        while (waitpid(-1, NULL, 0) > 0) continue;
    }
    return 0;
}
