// Calls that a signal interrupts: some restart, some fail with EINTR, some continue where they were.
#include "check.h"

#include <sys/time.h>
#include <time.h>

static volatile int calls;
static void count(int signal) {
    (void)signal;
    ++calls;
}
static void install(int flags) {
    struct sigaction action = {.sa_flags = flags};
    action.sa_handler = count;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
}
static void pause_ms(int ms) { nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL); }
static int wait_for_signal(void) { return sigsuspend(&(sigset_t){0}); }
static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int p[2];
// A child that sends `signal` after a while, and later writes a byte.
static pid_t sender(int signal) {
    CHECK(pipe(p) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child > 0) return child;
    pause_ms(30);
    kill(getppid(), signal);
    pause_ms(30);
    CHECK(write(p[1], "x", 1) == 1);
    _exit(0);
}
static void gone(pid_t child) {
    int status;
    while (waitpid(child, &status, 0) < 0) CHECK(errno == EINTR);
    CHECK(exited_with(status, 0));
    close(p[0]);
    close(p[1]);
}

int main(void) {
    char c;
    install(0);
    pid_t child = sender(SIGUSR1);
    CHECK_ERROR(read(p[0], &c, 1), EINTR);
    gone(child);
    CHECK(calls == 1);

    install(SA_RESTART);
    child = sender(SIGUSR1);
    CHECK(read(p[0], &c, 1) == 1 && calls == 2);
    gone(child);
    child = sender(SIGCHLD);  // ignored, so the call is not interrupted
    CHECK(read(p[0], &c, 1) == 1);
    gone(child);

    int status;
    child = sender(SIGUSR1);
    CHECK(waitpid(child, &status, 0) == child && calls == 3);
    install(0);
    child = sender(SIGUSR1);
    CHECK_ERROR(waitpid(child, &status, 0), EINTR);
    gone(child);

    // A sleep is never restarted after a handler.
    install(SA_RESTART);
    child = sender(SIGUSR1);
    struct timespec rest = {0};
    CHECK_ERROR(nanosleep(&(struct timespec){.tv_sec = 100}, &rest), EINTR);
    CHECK((rest.tv_sec == 99 && rest.tv_nsec > 0) || rest.tv_sec == 98);
    gone(child);
    child = sender(SIGUSR1);
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_sec = 100}, &rest) == EINTR);
    gone(child);

    // It does continue if no handler ran: a stop in between changes nothing.
    child = fork();
    if (child == 0) {
        int64_t start = now();
        CHECK(nanosleep(&(struct timespec){.tv_nsec = 150000000}, &rest) == 0);
        int64_t slept = now() - start;
        CHECK(slept >= 150 && slept < 3000);
        _exit(3);
    }
    pause_ms(30);
    CHECK(kill(child, SIGSTOP) == 0 && waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    CHECK(kill(child, SIGCONT) == 0);
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 3));
    CHECK(pipe(p) == 0);
    child = fork();
    if (child == 0) {
        CHECK(read(p[0], &c, 1) == 1);
        _exit(4);
    }
    pause_ms(30);
    CHECK(kill(child, SIGSTOP) == 0 && waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    CHECK(kill(child, SIGCONT) == 0 && write(p[1], "x", 1) == 1);
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 4));

    // The same with an alarm.
    struct sigaction action = {0};
    action.sa_handler = count;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    calls = 0;
    struct itimerval timer = {.it_value.tv_usec = 30000}, old;
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &timer, &old) == 0 && old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 30000);
    CHECK_ERROR(wait_for_signal(), EINTR);
    CHECK(calls == 1);
    timer.it_interval.tv_usec = 10000;
    CHECK(setitimer(ITIMER_REAL, &timer, &old) == 0 && old.it_value.tv_sec == 0 && old.it_value.tv_usec == 0);
    while (calls < 4) wait_for_signal();
    CHECK(setitimer(ITIMER_REAL, &(struct itimerval){0}, &old) == 0 && old.it_interval.tv_usec == 10000);
    int before = calls;
    pause_ms(50);
    CHECK(calls <= before + 1);
    CHECK(alarm(100) == 0);
    unsigned left = alarm(0);
    CHECK(left == 100 || left == 99);
    if ((child = fork()) == 0) {
        signal(SIGALRM, SIG_DFL);
        ualarm(20000, 0);
        for (;;) wait_for_signal();
    }
    CHECK(waitpid(child, &status, 0) == child && killed_by(status, SIGALRM));
    CHECK_ERROR(setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 1000000}, NULL), EINVAL);
    return 0;
}
