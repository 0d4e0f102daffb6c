// A long line of descendants ends, each before its parent, while a member of the last one's group lives. The group's
// number is taken until that member has ended too.
#include "check.h"

enum { generations = 200 };

int main(void) {
    int hold[2], last[2];
    pid_t group;
    CHECK(pipe(hold) == 0 && pipe(last) == 0);
    const pid_t first = fork();
    if (first == 0) {
        close(hold[1]);
        for (int i = 0; i < generations; ++i) {
            const pid_t child = fork();
            CHECK(child >= 0);
            if (child > 0) _exit(waitpid(child, NULL, 0) == child ? 0 : 1);
        }
        CHECK(setpgid(0, 0) == 0);
        group = getpid();
        if (fork() == 0) _exit(read(hold[0], &group, 1) == 0 ? 0 : 1);
        _exit(write(last[1], &group, sizeof group) == sizeof group ? 0 : 1);
    }
    CHECK(waitpid(first, NULL, 0) == first);
    CHECK(read(last[0], &group, sizeof group) == sizeof group);
    CHECK(kill(-group, 0) == 0);
    CHECK(close(hold[1]) == 0);
    while (kill(-group, 0) == 0) usleep(1000);
    CHECK(errno == ESRCH);
    return 0;
}
