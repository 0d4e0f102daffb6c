// The first process. Runs the program that the kernel's command line names (a shell without any), adopts and reaps
// whoever is left behind, and when nobody is left ends with that program's status: its exit code, or 128 + N if signal
// N killed it. A shell at a prompt is the user: when it ends, so does the machine, whatever still runs.
//
// The terminal's session is init's, and the program's process group is in its foreground: so ctrl-C is for the program,
// and when that ends, those whom it leaves behind are not hung up on.

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
        signal(SIGTTOU, SIG_IGN);  // it is in the background yet
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
        if (pid < 0) return result;                  // ECHILD: nobody is left
        if (WIFSTOPPED(status)) kill(pid, SIGCONT);  // nobody else would
        if (pid != child || WIFSTOPPED(status)) continue;
        result = shell_status(status);
        if (WIFSIGNALED(status)) {
            int signal = WTERMSIG(status);
            fprintf(stderr, "init: %s was killed by signal %d (%s)\n", program[0], signal, strsignal(signal));
        }
        if (is_prompt(program)) kill(-1, SIGKILL);
    }
}
