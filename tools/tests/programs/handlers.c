// Signal handlers: their arguments, the signals blocked while they run, signals that stay pending or are discarded.
#include "check.h"

static volatile int calls, depth, deepest, last_code, last_pid, inner_blocked;
static sigset_t set_of(int signal) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    return set;
}
static void count(int signal) {
    (void)signal;
    ++calls;
}
static void told(int signal, siginfo_t* info, void* context) {
    CHECK(info->si_signo == signal && context != NULL);
    last_code = info->si_code;
    last_pid = info->si_pid;
    sigset_t now;
    CHECK(sigprocmask(SIG_BLOCK, NULL, &now) == 0);
    inner_blocked = sigismember(&now, signal) + 2 * sigismember(&now, SIGUSR2);
    CHECK(!sigismember(&((ucontext_t*)context)->uc_sigmask, SIGUSR2));
    ++calls;
}
static void nested(int signal) {
    if (++depth > deepest) deepest = depth;
    if (++calls < 3) raise(signal);
    --depth;
}
static void install(int signal, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_flags = flags};
    action.sa_handler = handler;
    CHECK(sigaction(signal, &action, NULL) == 0);
}

static void what_a_handler_is_told(void) {
    struct sigaction action = {.sa_flags = SA_SIGINFO}, old;
    action.sa_sigaction = told;
    sigaddset(&action.sa_mask, SIGUSR2);
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_sigaction == told && (old.sa_flags & SA_SIGINFO));
    CHECK(sigismember(&old.sa_mask, SIGUSR2));
    CHECK(kill(getpid(), SIGUSR1) == 0);
    CHECK(calls == 1 && last_code == SI_USER && last_pid == getpid() && inner_blocked == 3);
    CHECK(raise(SIGUSR1) == 0);
    CHECK(calls == 2 && last_code == SI_TKILL);
}

static void masks(void) {
    calls = 0;
    install(SIGUSR1, count, 0);
    sigset_t one = set_of(SIGUSR1), old, pending;
    CHECK(sigprocmask(SIG_BLOCK, &one, &old) == 0 && !sigismember(&old, SIGUSR1));
    CHECK(raise(SIGUSR1) == 0 && raise(SIGUSR1) == 0 && calls == 0);
    CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) && !sigismember(&pending, SIGUSR2));
    pid_t child = fork();  // the child inherits the mask, but not the pending signals
    if (child == 0) {
        CHECK(sigpending(&pending) == 0 && !sigismember(&pending, SIGUSR1));
        CHECK(sigprocmask(SIG_UNBLOCK, &one, &old) == 0 && sigismember(&old, SIGUSR1) && calls == 0);
        CHECK(raise(SIGUSR1) == 0 && calls == 1);  // the handler is inherited too
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 0));
    CHECK(sigprocmask(SIG_UNBLOCK, &one, NULL) == 0 && calls == 1);  // two pending signals became one
    CHECK(sigprocmask(SIG_BLOCK, &one, NULL) == 0);
    CHECK(raise(SIGUSR1) == 0);
    sigset_t none;
    sigemptyset(&none);
    CHECK_ERROR(sigsuspend(&none), EINTR);
    CHECK(calls == 2 && sigprocmask(SIG_SETMASK, NULL, &old) == 0 && sigismember(&old, SIGUSR1));
    // A pending signal is discarded when its action becomes SIG_IGN.
    CHECK(raise(SIGUSR1) == 0);
    install(SIGUSR1, SIG_IGN, 0);
    CHECK(sigpending(&pending) == 0 && !sigismember(&pending, SIGUSR1));
    CHECK(sigprocmask(SIG_SETMASK, &none, NULL) == 0 && raise(SIGUSR1) == 0 && calls == 2);
}

static void flags(void) {
    calls = 0;
    install(SIGUSR1, nested, 0);
    raise(SIGUSR1);
    CHECK(calls == 3 && deepest == 1);
    calls = 0;
    install(SIGUSR1, nested, SA_NODEFER);
    raise(SIGUSR1);
    CHECK(calls == 3 && deepest == 3);
    install(SIGCHLD, count, SA_RESETHAND);
    calls = 0;
    raise(SIGCHLD);
    raise(SIGCHLD);
    CHECK(calls == 1);
    CHECK_ERROR(sigaction(SIGKILL, &(struct sigaction){0}, NULL), EINVAL);
    CHECK_ERROR(sigaction(SIGSTOP, &(struct sigaction){0}, NULL), EINVAL);
    CHECK(sigaction(SIGKILL, NULL, &(struct sigaction){0}) == 0);
}

int main(void) {
    what_a_handler_is_told();
    masks();
    flags();
    return 0;
}
