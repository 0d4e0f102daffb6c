// Sends a signal: kill [-NUMBER | -NAME] PID... (SIGTERM if none is named; a negative PID is a process group).
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char* name;
    int number;
} signals[] = {{"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"KILL", SIGKILL}, {"USR1", SIGUSR1},
               {"USR2", SIGUSR2}, {"TERM", SIGTERM}, {"CHLD", SIGCHLD}, {"CONT", SIGCONT}, {"STOP", SIGSTOP},
               {"TSTP", SIGTSTP}, {"SEGV", SIGSEGV}, {"PIPE", SIGPIPE}, {"ALRM", SIGALRM}};

static int number_of(const char* name) {
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; ++i) {
        if (strcasecmp(name, signals[i].name) == 0) return signals[i].number;
    }
    char* end;
    long number = strtol(name, &end, 10);
    return *name != 0 && *end == 0 ? (int)number : -1;
}

int main(int argc, char** argv) {
    int first = 1, signal = SIGTERM, failed = 0;
    if (argc > 2 && argv[1][0] == '-') signal = number_of(argv[first++] + 1);
    if (argc == first || signal < 0) {
        fprintf(stderr, "usage: kill [-NUMBER | -NAME] PID...\n");
        return 2;
    }
    for (int i = first; i < argc; ++i) {
        char* end;
        long pid = strtol(argv[i], &end, 10);
        if (*argv[i] == 0 || *end != 0) errno = EINVAL;
        if (*argv[i] != 0 && *end == 0 && kill((pid_t)pid, signal) == 0) continue;
        fprintf(stderr, "kill: %s: %s\n", argv[i], strerror(errno));
        failed = 1;
    }
    return failed;
}
