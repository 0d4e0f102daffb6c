// Stop and continue as the parent sees them; process groups, sessions, orphans.
#include "check.h"

#include <fcntl.h>
#include <time.h>

static volatile int calls, last_code, last_status, hups;
static volatile pid_t last_pid;
static void told(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)context;
    ++calls;
    last_code = info->si_code;
    last_status = info->si_status;
    last_pid = info->si_pid;
}
static void count_hup(int signal) {
    (void)signal;
    ++hups;
}
static void on_child(int flags) {
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_RESTART | flags};
    action.sa_sigaction = told;
    CHECK(sigaction(SIGCHLD, &action, NULL) == 0);
}
static pid_t child_that(void (*function)(void)) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child > 0) return child;
    function();
    _exit(0);
}
static void wait_for_ever(void) {
    for (;;) sigsuspend(&(sigset_t){0});
}
static void pause_ms(int ms) {
    struct timespec t = {.tv_nsec = ms * 1000000};
    while (nanosleep(&t, &t) < 0) continue;
}

static void stop_and_continue(void) {
    int status;
    on_child(0);
    pid_t child = child_that(wait_for_ever);
    CHECK(waitpid(child, &status, WNOHANG | WUNTRACED | WCONTINUED) == 0);
    CHECK(kill(child, SIGSTOP) == 0);
    siginfo_t info = {0};
    CHECK(waitid(P_PID, child, &info, WSTOPPED | WNOWAIT) == 0 && info.si_pid == child);
    CHECK(info.si_code == CLD_STOPPED && info.si_status == SIGSTOP && info.si_signo == SIGCHLD);
    CHECK(waitpid(-1, &status, WUNTRACED) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    CHECK(waitpid(child, &status, WNOHANG | WUNTRACED) == 0);
    while (calls < 1) pause_ms(1);
    CHECK(last_code == CLD_STOPPED && last_status == SIGSTOP && last_pid == child);
    CHECK(kill(child, SIGTERM) == 0);  // stays pending until the child continues
    pause_ms(20);
    CHECK(waitpid(child, &status, WNOHANG) == 0);
    calls = 0;
    CHECK(kill(child, SIGCONT) == 0);
    CHECK(waitpid(child, &status, 0) == child && killed_by(status, SIGTERM));
    while (calls < 1) pause_ms(1);

    child = child_that(wait_for_ever);
    CHECK(kill(child, SIGSTOP) == 0 && waitpid(child, &status, WUNTRACED) == child);
    CHECK(kill(child, SIGCONT) == 0 && waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
    CHECK(kill(child, SIGSTOP) == 0 && waitpid(child, &status, WUNTRACED) == child);
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child && killed_by(status, SIGKILL));

    on_child(SA_NOCLDSTOP);
    pause_ms(5);
    calls = 0;
    child = child_that(wait_for_ever);
    CHECK(kill(child, SIGSTOP) == 0 && waitpid(child, &status, WUNTRACED) == child && calls == 0);
    CHECK(kill(child, SIGKILL) == 0);
    CHECK(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0 && info.si_pid == child && info.si_code == CLD_KILLED);
    CHECK(info.si_status == SIGKILL && waitid(P_PID, child, &info, WEXITED) == 0);
    CHECK_ERROR(waitid(P_PID, child, &info, WEXITED), ECHILD);
    CHECK_ERROR(waitid(P_ALL, 0, &info, 0), EINVAL);
    while (calls < 1) pause_ms(1);

    // With SA_NOCLDWAIT, children that exit leave no zombie.
    on_child(SA_NOCLDWAIT);
    child = child_that(wait_for_ever);
    CHECK(kill(child, SIGKILL) == 0);
    CHECK_ERROR(wait(&status), ECHILD);
    signal(SIGCHLD, SIG_IGN);
    for (int n = 0; n < 3; ++n) CHECK(fork() != 0 || (_exit(0), 0));
    CHECK_ERROR(wait(&status), ECHILD);
    signal(SIGCHLD, SIG_DFL);
}

static void groups(void) {
    int status;
    pid_t first = child_that(wait_for_ever), second = child_that(wait_for_ever);
    CHECK(getpgid(first) == getpgrp() && getsid(first) == getsid(0));
    CHECK_ERROR(setpgid(second, first), EPERM);  // that group does not exist yet
    CHECK(setpgid(first, 0) == 0 && getpgid(first) == first);
    CHECK(setpgid(second, first) == 0 && getpgid(second) == first);
    CHECK_ERROR(setpgid(first, -1), EINVAL);
    CHECK_ERROR(setpgid(1 << 30, 0), ESRCH);
    CHECK_ERROR(setpgid(getppid(), 0), ESRCH);
    CHECK_ERROR(getpgid(1 << 30), ESRCH);
    CHECK_ERROR(getsid(1 << 30), ESRCH);
    CHECK_ERROR(waitpid(-getpid(), &status, 0), ECHILD);
    CHECK(kill(-first, SIGTERM) == 0);
    CHECK(waitpid(-first, &status, 0) > 0 && killed_by(status, SIGTERM));
    CHECK(kill(-first, 0) == 0);  // the member is a zombie, or still alive
    CHECK(waitpid(-first, &status, 0) > 0 && killed_by(status, SIGTERM));
    CHECK_ERROR(kill(-first, 0), ESRCH);
    CHECK_ERROR(waitpid(-first, &status, 0), ECHILD);

    // A group outlives its leader. A process can still join the group of a leader that is a zombie.
    first = child_that(wait_for_ever);
    CHECK(setpgid(first, first) == 0 && kill(first, SIGKILL) == 0);
    CHECK(waitid(P_PID, first, NULL, WEXITED | WNOWAIT) == 0);
    second = child_that(wait_for_ever);
    CHECK(setpgid(second, first) == 0);
    CHECK(waitpid(first, &status, 0) == first);
    CHECK(getpgid(second) == first && kill(-first, SIGKILL) == 0 && waitpid(-first, &status, 0) == second);

    pid_t child = fork();
    if (child == 0) {
        CHECK(setsid() == getpid() && getpgrp() == getpid() && getsid(0) == getpid());
        CHECK_ERROR(setsid(), EPERM);
        CHECK_ERROR(setpgid(0, 0), EPERM);
        pid_t other = fork();
        if (other == 0) {
            CHECK_ERROR(setpgid(0, getsid(getppid()) == getppid() ? 1 : 0), EPERM);
            signal(SIGUSR1, SIG_IGN);
            CHECK(kill(0, SIGUSR1) == 0);
            _exit(0);
        }
        wait(NULL);
        _exit(1);
    }
    CHECK(waitpid(child, &status, 0) == child && killed_by(status, SIGUSR1));
}

// When a stopped group becomes orphaned, it gets SIGHUP and SIGCONT.
static void orphans(void) {
    int p[2];
    CHECK(pipe(p) == 0);
    pid_t shell = fork();
    if (shell == 0) {
        CHECK(setsid() > 0);
        pid_t job = fork();
        if (job == 0) {
            CHECK(setpgid(0, 0) == 0);
            signal(SIGHUP, count_hup);
            raise(SIGTSTP);
            char c = (char)('0' + hups);
            CHECK(write(p[1], &c, 1) == 1);
            // The group is orphaned now, so only SIGSTOP could stop it.
            raise(SIGTSTP);
            CHECK(write(p[1], "!", 1) == 1);
            _exit(0);
        }
        int status;
        CHECK(waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
        _exit(0);
    }
    char c;
    CHECK(read(p[0], &c, 1) == 1 && c == '1');
    CHECK(read(p[0], &c, 1) == 1 && c == '!');
    CHECK(waitpid(shell, NULL, 0) == shell);
    close(p[0]);
    close(p[1]);
}

int main(void) {
    stop_and_continue();
    groups();
    orphans();
    return 0;
}
