// A fork bomb, and a machine that survives it: every process forks and forks again, and so do its children, until the
// kernel answers EAGAIN (no more processes) or ENOMEM (no more memory). Then all of them are killed, as one process
// group, and the machine is as it was.
//
//     forkbomb [MAX]      stop at MAX processes in any case (10000)

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int reports[2];  // a pipe: a byte 0 for each new process, an errno for each fork that failed

static void report(unsigned char byte) {
    if (write(reports[1], &byte, 1) != 1) _exit(1);
}

static void bomb(void) {
    for (;;) {
        pid_t child = fork();
        if (child == 0) report(0);
        if (child >= 0) continue;
        report((unsigned char)errno);
        for (;;) pause();
    }
}

int main(int argc, char** argv) {
    int max = argc > 1 ? atoi(argv[1]) : 10000;
    int start[2];
    char go = 0;
    if (pipe(reports) != 0 || pipe(start) != 0) return 1;
    pid_t group = fork();
    if (group < 0) {
        perror("fork");
        return 1;
    }
    if (group == 0) {
        if (setpgid(0, 0) == 0 && read(start[0], &go, 1) == 1) bomb();
        _exit(1);
    }
    setpgid(group, group);
    if (kill(-group, 0) != 0) return 1;
    printf("the bomb is lit\n");
    fflush(stdout);
    if (write(start[1], &go, 1) != 1) return 1;

    unsigned char byte = 0;
    int count = 1;
    while (count < max && read(reports[0], &byte, 1) == 1 && byte == 0) ++count;
    printf("%s\n", byte == 0 ? "it stops at the number it was given" : strerror(byte));
    fflush(stdout);

    // A process that is being made while the group is killed may be missed: so again, until nobody is there to kill.
    while (kill(-group, SIGKILL) == 0) {
        while (waitpid(-1, NULL, WNOHANG) > 0) continue;
        usleep(1000);
    }
    pid_t child = fork();
    if (child == 0) _exit(0);
    int status = 1;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return 1;
    printf("there were %s; all gone, and fork works again\n", count > 10 ? "many processes" : "few processes");
    return count > 10 ? 0 : 1;
}
