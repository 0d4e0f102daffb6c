// The first process. Runs the program that its arguments name (fork_example without any), adopts and reaps whoever is
// left behind, and when nobody is left ends with that program's status: its exit code, or 128 + N if signal N killed
// it.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int shell_status(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

int main(int argc, char** argv, char** envp) {
    char* default_program[] = {"/fork_example", NULL};
    char** program = argc > 1 ? argv + 1 : default_program;

    pid_t child = fork();
    if (child < 0) {
        fprintf(stderr, "init: cannot fork: %s\n", strerror(errno));
        return 127;
    }
    if (child == 0) {
        execve(program[0], program, envp);
        fprintf(stderr, "init: cannot run %s: %s\n", program[0], strerror(errno));
        _exit(127);
    }

    int result = 127;
    for (;;) {
        int status;
        pid_t pid = wait(&status);
        if (pid < 0 && errno == EINTR) continue;
        if (pid < 0) return result;  // ECHILD: nobody is left
        if (pid == child) result = shell_status(status);
    }
}
