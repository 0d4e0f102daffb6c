// Pending signals with their details: which, how many, in what order. A handler or sigwait takes them.
#include "check.h"

#include <sys/syscall.h>
#include <time.h>

static const struct timespec at_once = {0, 0};
static volatile int values[4], calls;

static void note(int signal, siginfo_t* info, void* context) {
    (void)context;
    CHECK(info->si_signo == signal && info->si_code == SI_QUEUE && info->si_pid == getpid());
    values[calls++ % 4] = info->si_value.sival_int;
}
static void count(int signal) {
    (void)signal;
    ++calls;
}

static void block(sigset_t* all) {
    sigfillset(all);
    CHECK(sigprocmask(SIG_SETMASK, all, NULL) == 0);
}
static sigset_t only(int signal) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    return set;
}
static int queue(int signal, int value) { return sigqueue(getpid(), signal, (union sigval){.sival_int = value}); }
// Takes the next pending signal and compares it.
static void expect(const sigset_t* set, int signal, int value) {
    siginfo_t info;
    CHECK(sigtimedwait(set, &info, &at_once) == signal);
    CHECK(info.si_signo == signal && info.si_code == SI_QUEUE && info.si_value.sival_int == value);
    CHECK(info.si_pid == getpid());
}

static void the_lowest_comes_first_and_real_time_signals_in_the_order_of_sending(const sigset_t* all) {
    CHECK(queue(SIGRTMIN + 1, 1) == 0 && queue(SIGRTMIN, 2) == 0 && queue(SIGRTMIN + 1, 3) == 0);
    CHECK(queue(SIGUSR1, 4) == 0 && queue(SIGUSR1, 5) == 0);
    expect(all, SIGUSR1, 4);  // the first of two that became one
    expect(all, SIGRTMIN, 2);
    expect(all, SIGRTMIN + 1, 1);
    expect(all, SIGRTMIN + 1, 3);
    CHECK_ERROR(sigtimedwait(all, NULL, &at_once), EAGAIN);
    CHECK_ERROR(sigtimedwait(all, NULL, &(struct timespec){0, 1000}), EAGAIN);
    CHECK_ERROR(sigtimedwait(all, NULL, &(struct timespec){0, -1}), EINVAL);
}

// sigqueue fails, and the signal is not sent. kill cannot fail, and has no value that could be lost.
static void no_more_may_wait(void) {
    const sigset_t last = only(SIGRTMAX);
    siginfo_t info;
    CHECK_ERROR(queue(SIGRTMAX, 0), EAGAIN);
    CHECK_ERROR(sigtimedwait(&last, NULL, &at_once), EAGAIN);
    CHECK(kill(getpid(), SIGRTMAX) == 0 && sigtimedwait(&last, &info, &at_once) == SIGRTMAX);
    CHECK(info.si_signo == SIGRTMAX && info.si_code != SI_QUEUE);
}

static void thirty_two_may_wait(const sigset_t* all) {
    for (int i = 0; i < 32; ++i) CHECK(queue(SIGRTMIN + i % 2, i) == 0);
    if (on_ox()) no_more_may_wait();
    for (int i = 0; i < 32; i += 2) expect(all, SIGRTMIN, i);
    CHECK(signal(SIGRTMIN + 1, SIG_IGN) != SIG_ERR);  // pending signals are discarded, so there is room again
    CHECK(signal(SIGRTMIN + 1, SIG_DFL) != SIG_ERR);
    for (int i = 0; i < 32; ++i) CHECK(queue(SIGRTMIN, i) == 0);
    for (int i = 0; i < 32; ++i) expect(all, SIGRTMIN, i);
    CHECK(queue(SIGRTMIN, 0) == 0);  // never taken: it is discarded when the process exits
}

static void a_handler_gets_the_value(void) {
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    action.sa_sigaction = note;
    CHECK(sigaction(SIGRTMIN + 2, &action, NULL) == 0);
    for (int i = 0; i < 3; ++i) CHECK(queue(SIGRTMIN + 2, 10 + i) == 0);
    const sigset_t set = only(SIGRTMIN + 2);
    CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
    CHECK(calls == 3 && values[0] == 10 && values[1] == 11 && values[2] == 12);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
}

static void one_that_is_waited_for_ends_the_wait(void) {
    const pid_t parent = getpid(), child = fork();
    if (child == 0) _exit(kill(parent, SIGUSR2) == 0 ? 0 : 1);
    int signal = 0;
    const sigset_t set = only(SIGUSR2);
    CHECK(sigwait(&set, &signal) == 0 && signal == SIGUSR2);
    // SIGCHLD is ignored by default, but sigwait can take it. Its details are those of the first child.
    const sigset_t death = only(SIGCHLD);
    siginfo_t info;
    CHECK(sigwaitinfo(&death, &info) == SIGCHLD && info.si_pid == child && info.si_code == CLD_EXITED);
    const pid_t second = fork();
    if (second == 0) _exit(0);
    CHECK(waitid(P_PID, (id_t)second, &info, WEXITED | WNOWAIT) == 0);
    const pid_t third = fork();
    if (third == 0) _exit(0);
    CHECK(waitpid(third, NULL, 0) == third && waitpid(second, NULL, 0) == second && waitpid(child, NULL, 0) == child);
    CHECK(sigwaitinfo(&death, &info) == SIGCHLD && info.si_pid == second);
    CHECK_ERROR(sigtimedwait(&death, NULL, &at_once), EAGAIN);
}

// The child sends signals all the time, so one arrives whenever the parent begins to wait.
static void another_one_interrupts_the_wait(void) {
    CHECK(signal(SIGHUP, count) != SIG_ERR);
    const sigset_t set = only(SIGHUP), wanted = only(SIGUSR1);
    const pid_t parent = getpid(), child = fork();
    if (child == 0)
        for (;;) kill(parent, SIGHUP);
    CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
    CHECK_ERROR(sigwaitinfo(&wanted, NULL), EINTR);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
    const sigset_t rest = only(SIGCHLD);
    CHECK(sigtimedwait(&rest, NULL, &at_once) == SIGCHLD);
    (void)!sigtimedwait(&set, NULL, &at_once);
}

static void who_may_say_what(void) {
    siginfo_t lie = {.si_code = SI_USER};
    const pid_t child = fork();
    if (child == 0) _exit(sleep(1000) == 0);
    CHECK_ERROR(syscall(SYS_rt_sigqueueinfo, child, SIGKILL, &lie), EPERM);
    lie.si_code = SI_QUEUE;
    CHECK_ERROR(syscall(SYS_rt_sigqueueinfo, child, 65, &lie), EINVAL);
    CHECK_ERROR(syscall(SYS_rt_sigqueueinfo, child, SIGKILL, bad_pointer), EFAULT);
    CHECK(sigqueue(child, 0, (union sigval){0}) == 0);
    CHECK_ERROR(syscall(SYS_tkill, 0, SIGKILL), EINVAL);
    CHECK(syscall(SYS_tkill, child, 0) == 0);
    CHECK(syscall(SYS_tkill, child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
    CHECK_ERROR(syscall(SYS_tkill, child, 0), ESRCH);
    CHECK_ERROR(sigqueue(child, 0, (union sigval){0}), ESRCH);
}

int main(void) {
    sigset_t all;
    block(&all);
    the_lowest_comes_first_and_real_time_signals_in_the_order_of_sending(&all);
    a_handler_gets_the_value();
    one_that_is_waited_for_ends_the_wait();
    another_one_interrupts_the_wait();
    who_may_say_what();
    const sigset_t death = only(SIGCHLD);
    (void)!sigtimedwait(&death, NULL, &at_once);
    thirty_two_may_wait(&all);
    return 0;
}
