// A group that forks all the time is ended by one kill(2): no child escapes that is being made just then.
#include "check.h"

// Each makes the next one and goes, so that there is nearly always a fork on the way.
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
        pid_t member = fork();  // the group has somebody in it, wherever the chain is
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
        CHECK(read(alive[0], &byte, 1) == 0);  // the end: nobody has the pipe any more
        CHECK(close(alive[0]) == 0 && close(go[0]) == 0 && close(go[1]) == 0);
        while (waitpid(-1, NULL, 0) > 0) continue;
    }
    return 0;
}
