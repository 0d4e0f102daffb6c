// execve: arguments and environment arrive, files stay open unless they are close-on-exec, and after an error the
// caller continues unharmed. Not under qemu-riscv64, which cannot exec another riscv64 program.
#include "check.h"

#include <fcntl.h>
#include <sys/auxv.h>

static int second_life(int argc, char** argv) {
    CHECK(argc == 6 && strcmp(argv[1], "second") == 0 && argv[2][0] == 0 && strlen(argv[3]) == 3000);
    CHECK(argv[6] == NULL);
    CHECK(strcmp(getenv("COLOUR"), "green") == 0 && getenv("PATH") == NULL);
    CHECK(getauxval(AT_PAGESZ) == PAGE && getauxval(AT_RANDOM) != 0 && getauxval(AT_SECURE) == 0);
    int stays = atoi(argv[4]), closes = atoi(argv[5]);
    char c;
    CHECK(read(stays, &c, 1) == 1 && c == 'k');
    CHECK_ERROR(read(closes, &c, 1), EBADF);
    return 21;
}

static int has_an_empty_name(int argc, char** argv) {
    CHECK(argc == 1 && argv[0][0] == 0 && argv[1] == NULL);
    return 22;
}

int main(int argc, char** argv) {
    if (getenv("NAMELESS") != NULL) return has_an_empty_name(argc, argv);
    if (argc > 1) return second_life(argc, argv);
    int p[2], status;
    CHECK(pipe(p) == 0 && write(p[1], "k", 1) == 1);
    int closes = open(argv[0], O_RDONLY | O_CLOEXEC);
    CHECK(closes >= 0);

    static char large[3001];
    memset(large, 'L', 3000);
    char stays_text[12], closes_text[12];
    snprintf(stays_text, sizeof stays_text, "%d", p[0]);
    snprintf(closes_text, sizeof closes_text, "%d", closes);
    char* arguments[] = {argv[0], "second", "", large, stays_text, closes_text, NULL};
    char* environment[] = {"COLOUR=green", NULL};
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execve(argv[0], arguments, environment);
        _exit(127);
    }
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 21));

    if (fork() == 0) {
        execve(argv[0], (char*[]){NULL}, (char*[]){"NAMELESS=1", NULL});
        _exit(127);
    }
    CHECK(wait(&status) > 0 && exited_with(status, 22));

    CHECK_ERROR(execve("/no/such/program", arguments, environment), ENOENT);
    CHECK_ERROR(execve("/", arguments, environment), EACCES);
    char file_as_directory[300];
    snprintf(file_as_directory, sizeof file_as_directory, "%s/x", argv[0]);
    CHECK_ERROR(execve(file_as_directory, arguments, environment), ENOTDIR);
    // More arguments than execve accepts.
    static char* many[3002];
    for (int n = 0; n < 3001; ++n) many[n] = large;
    CHECK_ERROR(execve(argv[0], many, environment), E2BIG);
    CHECK(large[0] == 'L' && getpid() > 0);
    return 0;
}
