// The cost of calls when there is much of what they work on: files, names, regions, processes, sleepers.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "bench_base.h"

// The least cost of `action` in some repetitions, after one that does not count.
#define COST_OF(action)                                          \
    ({                                                           \
        uint64_t least = none;                                   \
        for (int repetition = 0; repetition < 4; ++repetition) { \
            uint64_t start = instructions();                     \
            action;                                              \
            uint64_t cost = instructions() - start;              \
            if (repetition > 0) keep_least(&least, cost);        \
        }                                                        \
        least;                                                   \
    })

static void fork_exit_wait(void) {
    long child = raw_fork();
    if (child == 0) raw_exit();
    raw_wait(child);
}

// --- open files

static void file_rows(void) {
    enum { files = 240 };
    int pipes[2], copies[files];
    must(pipe(pipes), "pipe");
    for (int n = 0; n < files; ++n) must(copies[n] = dup(pipes[0]), "dup");
    row("G1", "fork_exit_wait_with_files", files, COST_OF(fork_exit_wait()));
    row("G2", "dup_behind_files", files, COST_OF(call(SYS_close, call(SYS_dup, pipes[0], 0, 0, 0), 0, 0, 0)));
    struct pollfd entries[files];
    for (int n = 0; n < files; ++n) entries[n] = (struct pollfd){.fd = copies[n], .events = POLLIN};
    struct timespec at_once = {0, 0};
    row("G3", "poll_of_pipes", files, COST_OF(call(SYS_ppoll, (long)entries, files, (long)&at_once, 0)));
    for (int n = 0; n < files; ++n) close(copies[n]);
    close(pipes[0]);
    close(pipes[1]);
}

// --- names in a directory

static void name_rows(int names) {
    char name[64];
    must(mkdir("/tmp/names", 0777), "mkdir");
    for (int n = 0; n < names; ++n) {
        snprintf(name, sizeof name, "/tmp/names/%d", n);
        must(mknod(name, S_IFREG | 0666, 0), name);
    }
    struct stat status;
    row("G4", "stat_of_the_last_name", names, COST_OF(call(SYS_newfstatat, AT_FDCWD, (long)name, (long)&status, 0)));
    const char* one = "/tmp/names/one";
    row("G5", "create_and_unlink", names, COST_OF({
            call(SYS_mknodat, AT_FDCWD, (long)one, S_IFREG | 0666, 0);
            call(SYS_unlinkat, AT_FDCWD, (long)one, 0, 0);
        }));
    for (int n = names - 1; n >= 0; --n) {
        snprintf(name, sizeof name, "/tmp/names/%d", n);
        must(unlink(name), name);
    }
    must(rmdir("/tmp/names"), "rmdir");
}

// --- processes

static void zombie_row(void) {
    enum { zombies = 1000 };
    long last = 0;
    for (int n = 0; n < zombies; ++n) {
        last = raw_fork();
        if (last == 0) raw_exit();
        must(last, "fork");
    }
    siginfo_t info;  // the last one to be forked is the last one to end
    call(SYS_waitid, P_PID, last, (long)&info, WEXITED | WNOWAIT);
    uint64_t start = instructions();
    raw_wait(last);
    row("G6", "wait_for_the_last_zombie", zombies, instructions() - start);
    for (int n = 1; n < zombies; ++n) raw_wait(-1);
}

// A byte for one of many readers, and its answer.
static void reader_row(void) {
    enum { readers = 256 };
    int bytes[2], answers[2];
    must(pipe(bytes), "pipe");
    must(pipe(answers), "pipe");
    for (int n = 0; n < readers; ++n) {
        long child = raw_fork();
        must(child, "fork");
        if (child > 0) continue;
        call(SYS_close, bytes[1], 0, 0, 0);
        char c;
        while (call(SYS_read, bytes[0], (long)&c, 1, 0) == 1) call(SYS_write, answers[1], (long)&c, 1, 0);
        raw_exit();
    }
    char c = 0;
    row("G8", "byte_for_one_reader", readers, COST_OF({
            call(SYS_write, bytes[1], (long)&c, 1, 0);
            call(SYS_read, answers[0], (long)&c, 1, 0);
        }));
    close(bytes[1]);
    for (int n = 0; n < readers; ++n) raw_wait(-1);
    close(bytes[0]);
    close(answers[0]);
    close(answers[1]);
}

static void kill_row(void) { row("G7", "kill_all_when_alone", 0, COST_OF(call(SYS_kill, -1, 0, 0, 0))); }

static void growth_rows(void) {
    file_rows();
    name_rows(1000);
    name_rows(10000);
    zombie_row();
    reader_row();
    kill_row();
}
