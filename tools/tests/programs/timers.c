// Periodic timers, and calls that return times. Nothing here depends on how long something takes.
#include "check.h"

#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

static volatile int ticks;
static void tick(int signal) {
    (void)signal;
    ++ticks;
}
static void every(long microseconds) {
    const struct itimerval value = {{0, microseconds}, {0, microseconds}};
    CHECK(setitimer(ITIMER_REAL, &value, NULL) == 0);
}

static void a_timer_says_what_is_left(void) {
    struct itimerval value = {{7, 0}, {100, 0}}, now;
    CHECK(setitimer(ITIMER_REAL, &value, NULL) == 0);
    CHECK(getitimer(ITIMER_REAL, &now) == 0);
    CHECK(now.it_interval.tv_sec == 7 && now.it_value.tv_sec <= 100 && now.it_value.tv_sec > 50);
    value = (struct itimerval){{7, 0}, {0, 0}};
    CHECK(setitimer(ITIMER_REAL, &value, NULL) == 0);
    CHECK(getitimer(ITIMER_REAL, &now) == 0);
    CHECK(now.it_interval.tv_sec == 0 && now.it_value.tv_sec == 0 && now.it_value.tv_usec == 0);
    CHECK_ERROR(getitimer(77, &now), EINVAL);
    CHECK_ERROR(syscall(SYS_getitimer, ITIMER_REAL, bad_pointer), EFAULT);
}

// The period continues, whether a handler or a wait takes the signal, or the signal is ignored.
static void a_period_goes_on(void) {
    CHECK(signal(SIGALRM, tick) != SIG_ERR);
    every(2000);
    while (ticks < 3) continue;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    for (int i = 0, got; i < 3; ++i) CHECK(sigwait(&set, &got) == 0 && got == SIGALRM);
    CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
    if (on_ox()) {  // on Linux the period ends with the first signal that is ignored
        CHECK(signal(SIGALRM, SIG_IGN) != SIG_ERR);
        for (int i = 0; i < 3; ++i) CHECK(nanosleep(&(struct timespec){0, 3000000}, NULL) == 0);
        ticks = 0;
        CHECK(signal(SIGALRM, tick) != SIG_ERR);
        while (ticks < 3) continue;
    }
    every(0);
}

// A fork that takes longer than a period completes once; the signals do not restart it again and again.
static void a_fork_ends_under_a_timer(void) {
    enum { size = 32 << 20 };
    char* memory = malloc(size);
    CHECK(memory != NULL);
    for (long at = 0; at < size; at += PAGE) memory[at] = 1;
    ticks = 0;
    every(1000);
    const pid_t child = fork();
    if (child == 0) _exit(7);
    every(0);
    int status;
    while (waitpid(child, &status, 0) == -1 && errno == EINTR) continue;
    CHECK(exited_with(status, 7));
    free(memory);
}

static void clocks(void) {
    struct timespec step;
    CHECK(clock_getres(CLOCK_MONOTONIC, &step) == 0 && step.tv_sec == 0 && step.tv_nsec > 0);
    CHECK(clock_getres(CLOCK_REALTIME, NULL) == 0);
    CHECK_ERROR(syscall(SYS_clock_getres, 77, &step), EINVAL);
    CHECK_ERROR(syscall(SYS_clock_getres, CLOCK_REALTIME, bad_pointer), EFAULT);
    struct tms before, after;
    const clock_t begun = times(&before);
    do CHECK(times(&after) >= begun);
    while (after.tms_utime + after.tms_stime == before.tms_utime + before.tms_stime);
    const pid_t child = fork();
    if (child == 0) {
        do times(&after);
        while (after.tms_utime + after.tms_stime < 2);
        _exit(0);
    }
    CHECK(waitpid(child, NULL, 0) == child && times(&after) >= begun);
    CHECK(after.tms_cutime + after.tms_cstime >= 1 && before.tms_cutime + before.tms_cstime == 0);
    CHECK_ERROR(syscall(SYS_times, bad_pointer), EFAULT);
}

int main(void) {
    clocks();
    a_timer_says_what_is_left();
    a_period_goes_on();
    a_fork_ends_under_a_timer();
    return 0;
}
