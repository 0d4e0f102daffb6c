// A continued child: wait reports it once, as soon as SIGCONT has been sent, and no longer reports the stop before.
#include "check.h"

static siginfo_t news(pid_t child, int kinds) {
    siginfo_t info = {0};
    CHECK(waitid(P_PID, (id_t)child, &info, kinds | WNOHANG) == 0);
    return info;
}

static pid_t stopped_child(void) {
    const pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        for (;;) pause();
    }
    siginfo_t info;
    CHECK(child > 0 && waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOWAIT) == 0 && info.si_code == CLD_STOPPED);
    return child;
}

static void ended(pid_t child) {
    int status;
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child && killed_by(status, SIGKILL));
}

int main(void) {
    pid_t child = stopped_child();
    CHECK(news(child, WCONTINUED).si_pid == 0);
    CHECK(kill(child, SIGCONT) == 0);
    CHECK(news(child, WSTOPPED).si_pid == 0);  // the stop is not reported any more
    CHECK(news(child, WCONTINUED | WNOWAIT).si_code == CLD_CONTINUED);
    const siginfo_t info = news(child, WCONTINUED | WSTOPPED);
    CHECK(info.si_pid == child && info.si_code == CLD_CONTINUED && info.si_status == SIGCONT);
    CHECK(news(child, WCONTINUED | WSTOPPED).si_pid == 0);
    ended(child);

    child = stopped_child();
    int status;
    CHECK(kill(child, SIGCONT) == 0);
    CHECK(waitpid(child, &status, WCONTINUED | WUNTRACED | WNOHANG) == child && WIFCONTINUED(status));
    CHECK(waitpid(child, &status, WCONTINUED | WUNTRACED | WNOHANG) == 0);
    CHECK(kill(child, SIGSTOP) == 0 && waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    CHECK(kill(child, SIGCONT) == 0 && kill(child, SIGSTOP) == 0);
    CHECK(waitid(P_PID, (id_t)child, &(siginfo_t){0}, WSTOPPED) == 0);
    CHECK(news(child, WCONTINUED).si_pid == 0);  // the child has stopped since
    ended(child);

    child = stopped_child();
    CHECK(kill(child, SIGKILL) == 0 && waitid(P_PID, (id_t)child, &(siginfo_t){0}, WEXITED | WNOWAIT) == 0);
    CHECK_ERROR(waitid(P_PID, (id_t)child, &(siginfo_t){0}, WCONTINUED | WNOHANG), ECHILD);
    CHECK(waitpid(child, &status, 0) == child && killed_by(status, SIGKILL));
    return 0;
}
