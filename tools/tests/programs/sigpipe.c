// A write to a pipe without readers ends the process with SIGPIPE, even if the write was already waiting.
#include "check.h"

static int p[2];
static void write_one(void) {
    close(p[0]);
    (void)!write(p[1], "x", 1);
}
static void write_much(void) {
    static char much[200000];
    close(p[0]);
    (void)!write(p[1], much, sizeof much);
    (void)!write(p[1], much, sizeof much);
}

int main(void) {
    CHECK(pipe(p) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        write_much();
        _exit(0);
    }
    close(p[1]);
    char c;
    CHECK(read(p[0], &c, 1) == 1);
    CHECK(close(p[0]) == 0);
    int status;
    CHECK(waitpid(child, &status, 0) == child && killed_by(status, SIGPIPE));

    CHECK(pipe(p) == 0);
    close(p[0]);
    p[0] = -1;
    CHECK(killed_by(status_of(write_one), SIGPIPE));
    return 0;
}
