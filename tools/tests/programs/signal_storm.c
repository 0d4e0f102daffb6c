// Many processes signal, stop, continue, kill and wait for each other at once: no signal or process is lost.
#include "check.h"

#include <time.h>

enum { ROUNDS = 6, CHILDREN = 12, SIGNALS = 40 };

static volatile int got;
static void count(int signal) {
    (void)signal;
    ++got;
}
static void install(int signal, int flags) {
    struct sigaction action = {.sa_flags = flags};
    action.sa_handler = count;
    CHECK(sigaction(signal, &action, NULL) == 0);
}

// Works, sleeps, reads an empty pipe, or forks, until it is killed.
static void live(int kind, int fd) {
    char c;
    install(SIGUSR1, SA_RESTART);
    install(SIGUSR2, 0);
    sigprocmask(SIG_SETMASK, &(sigset_t){0}, NULL);
    for (;;) {
        if (kind == 0) getppid();
        if (kind == 1) nanosleep(&(struct timespec){.tv_nsec = 300000}, NULL);
        if (kind == 2) CHECK(read(fd, &c, 1) < 0 && errno == EINTR);
        if (kind == 3) {
            pid_t child = fork();
            if (child == 0) _exit(5);
            int status;
            while (waitpid(child, &status, 0) < 0) CHECK(errno == EINTR);
            CHECK(exited_with(status, 5));
        }
    }
}

int main(void) {
    static const int signals[] = {SIGUSR1, SIGSTOP, SIGCONT, SIGUSR2, SIGCONT, SIGTSTP, SIGCONT};
    install(SIGCHLD, SA_RESTART);
    for (int round = 0; round < ROUNDS; ++round) {
        int p[2];
        pid_t child[CHILDREN];
        CHECK(pipe(p) == 0);
        for (int n = 0; n < CHILDREN; ++n) {
            // Signals are blocked until the child has installed its handlers.
            sigset_t all, old;
            sigfillset(&all);
            CHECK(sigprocmask(SIG_BLOCK, &all, &old) == 0);
            child[n] = fork();
            CHECK(child[n] >= 0);
            if (child[n] == 0) live(n % 4, p[0]);
            CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
            CHECK(setpgid(child[n], child[n % 3]) == 0);
        }
        for (int n = 0; n < SIGNALS * CHILDREN; ++n) {
            pid_t target = child[(n * 7) % CHILDREN];
            CHECK(kill(n % 5 == 0 ? -child[n % 3] : target, signals[n % 7]) == 0);
            int status;
            pid_t changed = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED);
            CHECK(changed >= 0);
            CHECK(changed == 0 || WIFSTOPPED(status) || WIFCONTINUED(status));
        }
        for (int n = 0; n < 3; ++n) kill(-child[n], SIGKILL);
        int status;
        while (wait(&status) > 0) continue;
        CHECK(errno == ECHILD);
        close(p[0]);
        close(p[1]);
    }
    CHECK(got > 0);
    return 0;
}
