// What the test programs share. Each program tests one behaviour and exits with 0 if it is right. Unless a program says
// otherwise, it also passes on Linux and under qemu-riscv64.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096 };

// Values that the compiler must not know, or it would warn about code that is wrong on purpose.
static void* volatile null_pointer __attribute__((unused)) = NULL;
static void* volatile bad_pointer __attribute__((unused)) = (void*)16;
static volatile int minus_one __attribute__((unused)) = -1;

#define CHECK(condition)                                                                         \
    do {                                                                                         \
        if (!(condition)) {                                                                      \
            dprintf(2, "%s:%d: failed: %s (errno %d)\n", __FILE__, __LINE__, #condition, errno); \
            _exit(1);                                                                            \
        }                                                                                        \
    } while (0)

// The call must fail with this error.
#define CHECK_ERROR(call, error)   \
    do {                           \
        errno = 0;                 \
        CHECK((long)(call) == -1); \
        CHECK(errno == (error));   \
    } while (0)

// Runs `function` in a child, and returns the status of wait4.
static inline int status_of(void (*function)(void)) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        function();
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

static inline int killed_by(int status, int signal) { return WIFSIGNALED(status) && WTERMSIG(status) == signal; }
static inline int exited_with(int status, int code) { return WIFEXITED(status) && WEXITSTATUS(status) == code; }

// For behaviour in which Linux, or some of its file systems, differs from ox.
static inline int on_ox(void) {
    struct utsname system;
    CHECK(uname(&system) == 0);
    return strcmp(system.sysname, "ox") == 0;
}

static inline unsigned long free_bytes(void) {
    struct sysinfo info;
    CHECK(sysinfo(&info) == 0);
    return info.freeram * info.mem_unit;
}
