// The first process: it runs the program that the kernel's command line names (or else a shell), and adopts and reaps
// orphans. When no process is left, it exits with the program's status, 128 + N if signal N killed the program. If the
// program is an interactive shell, the machine ends when the shell exits, even if other processes still run.
//
// init opens the session of the terminal, and the program's process group is its foreground. So ctrl-C reaches the
// program, and the end of the program does not hang up on the processes that it leaves behind.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run_program.h"

static int shell_status(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

static int is_prompt(char** program) {
    size_t length = strlen(program[0]);
    return program[1] == NULL && length >= 2 && strcmp(program[0] + length - 2, "sh") == 0;
}

int main(int argc, char** argv) {
    char* default_program[] = {"sh", NULL};
    char** program = argc > 1 ? argv + 1 : default_program;
    if (getpid() != 1) {
        fputs("init: refused: only process 1 is init, and the kernel starts it\n", stderr);
        return 1;
    }
    setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin", 0);
    setenv("HOME", "/", 0);
    setenv("TERM", "vt100", 0);

    setsid();
    ioctl(STDIN_FILENO, TIOCSCTTY, 0);
    pid_t child = fork();
    if (child < 0) {
        fprintf(stderr, "init: cannot fork: %s\n", strerror(errno));
        return 127;
    }
    if (child == 0) {
        setpgid(0, 0);
        signal(SIGTTOU, SIG_IGN);  // init is still in the background
        tcsetpgrp(STDIN_FILENO, getpid());
        signal(SIGTTOU, SIG_DFL);
        const char* why = run_program(program);
        int status = errno == ENOENT ? 127 : 126;
        fprintf(stderr, "init: %s: %s\n", program[0], why);
        _exit(status);
    }

    int result = 127;
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WUNTRACED);
        if (pid < 0 && errno == EINTR) continue;
        if (pid < 0) return result;                  // ECHILD: no process is left
        if (WIFSTOPPED(status)) kill(pid, SIGCONT);  // no other process will continue it
        if (pid != child || WIFSTOPPED(status)) continue;
        result = shell_status(status);
        if (WIFSIGNALED(status)) {
            int signal = WTERMSIG(status);
            fprintf(stderr, "init: %s was killed by signal %d (%s)\n", program[0], signal, strsignal(signal));
        }
        if (is_prompt(program)) kill(-1, SIGKILL);
    }
}
