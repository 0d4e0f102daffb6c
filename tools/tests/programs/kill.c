// kill's default actions reach a process in any state: running, sleeping, waiting for a pipe or a child.
#include "check.h"

#include <time.h>

static int p[2];
static void running(void) {
    for (volatile int n = 0;; ++n) continue;
}
static void sleeping(void) {
    for (;;) nanosleep(&(struct timespec){.tv_sec = 1000}, NULL);
}
static void reading(void) {
    char c;
    (void)!read(p[0], &c, 1);
}
static void writing(void) {
    static char much[200000];
    (void)!write(p[1], much, sizeof much);
}
static void waiting(void) {
    pid_t parent = getpid();
    if (fork() == 0) {
        // The child ends after its parent, which may have ended already.
        while (getppid() == parent) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        _exit(0);
    }
    wait(NULL);
}
static void calling(void) {
    for (;;) getppid();
}

static void kill_one(void (*function)(void), int signal, int settled) {
    CHECK(pipe(p) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        function();
        _exit(0);
    }
    if (settled) nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    CHECK(kill(child, 0) == 0);
    CHECK(kill(child, signal) == 0);
    int status;
    CHECK(waitpid(child, &status, 0) == child && killed_by(status, signal));
    CHECK_ERROR(kill(child, signal), ESRCH);
    close(p[0]);
    close(p[1]);
}

int main(void) {
    void (*const states[])(void) = {running, sleeping, reading, writing, waiting, calling};
    static const int signals[] = {SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    for (int n = 1; n < 5; ++n) signal(signals[n], SIG_DFL);  // the caller may ignore some of them, as nohup does
    for (int n = 0; n < 6; ++n) {
        for (int settled = 0; settled < 2; ++settled) kill_one(states[n], signals[n % 5], settled);
    }

    // These signals do nothing by default.
    CHECK(kill(getpid(), SIGCHLD) == 0 && kill(getpid(), SIGCONT) == 0 && kill(getpid(), SIGWINCH) == 0);
    CHECK_ERROR(kill(getpid(), 65), EINVAL);
    CHECK_ERROR(kill(getpid(), -1), EINVAL);
    CHECK_ERROR(kill(1 << 30, SIGTERM), ESRCH);

    pid_t self = fork();
    CHECK(self >= 0);
    if (self == 0) {
        kill(getpid(), SIGTERM);
        _exit(1);
    }
    int status;
    CHECK(waitpid(self, &status, 0) == self && killed_by(status, SIGTERM));
    return 0;
}
