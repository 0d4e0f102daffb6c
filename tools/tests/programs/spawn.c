// posix_spawn: glibc runs a program with CLONE_VM, CLONE_VFORK and a separate stack for the child, and carries out the
// file actions. Not under qemu-riscv64, which cannot exec another riscv64 program.
#include "check.h"

#include <spawn.h>

extern char** environ;

int main(int argc, char** argv) {
    if (argc > 1) {
        CHECK(write(1, argv[1], strlen(argv[1])) == (long)strlen(argv[1]));
        return 9;
    }
    int p[2], status;
    pid_t child;
    CHECK(pipe(p) == 0);
    posix_spawn_file_actions_t actions;
    CHECK(posix_spawn_file_actions_init(&actions) == 0);
    CHECK(posix_spawn_file_actions_adddup2(&actions, p[1], 1) == 0);
    CHECK(posix_spawn_file_actions_addclose(&actions, p[0]) == 0);
    for (int n = 0; n < 3; ++n) {
        char* arguments[] = {argv[0], "spawned", NULL};
        CHECK(posix_spawn(&child, argv[0], &actions, NULL, arguments, environ) == 0);
        CHECK(waitpid(child, &status, 0) == child && exited_with(status, 9));
        char said[16];
        CHECK(read(p[0], said, sizeof said) == 7 && memcmp(said, "spawned", 7) == 0);
        CHECK(posix_spawn(&child, "/no/such/program", NULL, NULL, arguments, environ) == ENOENT);
    }
    return 0;
}
