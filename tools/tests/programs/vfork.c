// vfork lends the memory to the child: the parent sees the child's writes, and continues when the child exits or execs.
// qemu-riscv64 turns vfork into fork, so the oracle is Linux.
#include "check.h"

static volatile int seen;
static void change_it(void) { seen = 99; }

int main(int argc, char** argv) {
    if (argc > 1) return atoi(argv[1]);
    int status;
    pid_t child = vfork();
    CHECK(child >= 0);
    if (child == 0) {
        seen = 1;
        _exit(4);
    }
    CHECK(seen == 1);
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 4));

    child = vfork();
    CHECK(child >= 0);
    if (child == 0) {
        char* arguments[] = {argv[0], "6", NULL};
        seen = 2;
        execve(argv[0], arguments, NULL);
        _exit(127);
    }
    CHECK(seen == 2);
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 6));

    // If the child's exec fails, the child reports that and exits.
    child = vfork();
    CHECK(child >= 0);
    if (child == 0) {
        execve("/no/such/program", argv, NULL);
        seen = errno;
        _exit(3);
    }
    CHECK(seen == ENOENT && waitpid(child, &status, 0) == child && exited_with(status, 3));

    // A child that is killed gives the memory back, too.
    child = vfork();
    CHECK(child >= 0);
    if (child == 0) {
        seen = 5;
        kill(getpid(), SIGKILL);
        _exit(0);
    }
    CHECK(seen == 5 && waitpid(child, &status, 0) == child && killed_by(status, SIGKILL));
    // This process has its memory again, so it can fork.
    CHECK(exited_with(status_of(change_it), 0) && seen == 5);
    return 0;
}
