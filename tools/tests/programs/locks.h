// For tests of file locks: a second process, and a way to wait until it sleeps.
#pragma once

#include "folder.h"
#include "proc.h"

#include <sched.h>

static int said[2];  // a pipe: what a child has done so far
static inline void say(char what) { CHECK(write(said[1], &what, 1) == 1); }
static inline char heard(void) {
    char what;
    CHECK(read(said[0], &what, 1) == 1);
    return what;
}

// Starts a child that calls `function` and exits with 0.
static inline pid_t begin(void (*function)(void)) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child > 0) return child;
    function();
    _exit(0);
}
static inline void finish(pid_t child) {
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 0));
}
static inline void kill_and_wait(pid_t child) {
    int status;
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child && killed_by(status, SIGKILL));
}

static inline void wait_until_it_sleeps(pid_t child) {
    while (strrchr(of_process(child, "stat"), ')')[2] != 'S') sched_yield();
}

static volatile sig_atomic_t signals;
static inline void count_signal(int signal) {
    (void)signal;
    ++signals;
}
static inline void handle(int signal, int flags) {
    struct sigaction action = {.sa_flags = flags};
    action.sa_handler = count_signal;
    CHECK(sigaction(signal, &action, NULL) == 0);
}
