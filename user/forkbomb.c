// A fork bomb that the machine survives. Every process forks again and again, and so do its children, until the kernel
// answers EAGAIN (no more processes) or ENOMEM (no more memory). With shared pages fork may always succeed, while the
// kernel kills children that find no memory for a write; so the bomb ends after five seconds in any case. Then it kills
// all processes, which are one process group, and checks that fork works again.
//
//     forkbomb [MAX]      stop at MAX processes in any case (10000)

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int reports[2];  // a pipe: after each fork, the parent and the child write one byte each: 0, or the errno

static volatile sig_atomic_t time_is_over;

static void end_it(int signal) {
    (void)signal;
    time_is_over = 1;
}

static void bomb(void) {
    close(reports[0]);  // so that all get SIGPIPE and die if the reader is gone
    unsigned char error = 0;
    for (;;) {
        if (error == 0 && fork() < 0) error = (unsigned char)errno;
        if (write(reports[1], &error, 1) != 1) _exit(1);  // sleeps here while the pipe is full
        sched_yield();  // else thousands of writers would run before the reader's turn comes
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
    // Writes now to every page that is needed later, because at the end there is no memory to copy one.
    (void)strerror(ENOMEM);
    printf("the bomb is lit\n");
    fflush(stdout);
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = end_it}, NULL);
    alarm(5);
    if (write(start[1], &go, 1) != 1) return 1;

    unsigned char byte = 0;
    int count = 0;
    while (!time_is_over && count < 2 * max && read(reports[0], &byte, 1) == 1 && byte == 0) ++count;
    printf("%s\n", byte != 0      ? strerror(byte)
                   : time_is_over ? "five seconds are over"
                                  : "it stops at the number it was given");
    fflush(stdout);

    // A kill can miss a process that is just being created, so repeat it until the group is empty.
    while (kill(-group, SIGKILL) == 0) {
        while (waitpid(-1, NULL, WNOHANG) > 0) continue;
        usleep(1000);
    }
    pid_t child = fork();
    if (child == 0) _exit(0);
    int status = 1;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return 1;
    printf("all of them are gone, and fork works again\n");
    return 0;
}
