// The cost of calls when there is much of what they work on: files, names, regions, pages, processes, sleepers, bytes.
#pragma once

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/mount.h>
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

// The others wait at a gate. The parent is one of the processes, init is another.
static void proc_row(void) {
    mkdir("/proc", 0755);
    mount("proc", "/proc", "proc", 0, NULL);  // for Linux; in ox it is always there, and the call fails
    must(chdir("/proc/1"), "/proc/1");
    must(chdir("/"), "/");
    enum { processes = 10, others = processes - 2 };
    volatile char* entries = map_pages(1);
    make_gate();
    for (int n = 0; n < others; ++n) must(fork_waiting_child(), "fork");
    row("G12", "listing_of_proc", processes, COST_OF({
            long proc = call(SYS_openat, AT_FDCWD, (long)"/proc", O_RDONLY | O_DIRECTORY, 0);
            while (call(SYS_getdents64, proc, (long)entries, page, 0) > 0) continue;
            call(SYS_close, proc, 0, 0, 0);
        }));
    close(gate[1]);
    for (int n = 0; n < others; ++n) raw_wait(-1);
    close(gate[0]);
    unmap_pages(entries, 1);
}

// A partner waits for a word and answers by another one, while many others wait for a word each.
static void futex_row(void) {
    enum { others = 256 };
    struct words {
        uint32_t ask, answer, others[others];
    };
    volatile struct words* words = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(words == MAP_FAILED ? -1 : 0, "mmap");
    long children[others + 1];
    for (int n = 0; n <= others; ++n) {
        children[n] = raw_fork();
        must(children[n], "fork");
        if (children[n] > 0) continue;
        if (n < others) {
            call(SYS_futex, (long)&words->others[n], FUTEX_WAIT, 0, 0);
            raw_exit();
        }
        for (uint32_t seen = 0;; seen = words->ask) {
            call(SYS_futex, (long)&words->ask, FUTEX_WAIT, seen, 0);
            words->answer = words->ask;
            call(SYS_futex, (long)&words->answer, FUTEX_WAKE, 1, 0);
        }
    }
    row("G13", "futex_round_trip_beside", others, COST_OF({
            const uint32_t before = words->answer;
            words->ask = before + 1;
            call(SYS_futex, (long)&words->ask, FUTEX_WAKE, 1, 0);
            while (words->answer == before) call(SYS_futex, (long)&words->answer, FUTEX_WAIT, before, 0);
        }));
    for (int n = 0; n <= others; ++n) kill((pid_t)children[n], SIGKILL);
    for (int n = 0; n <= others; ++n) raw_wait(children[n]);
    munmap((void*)words, page);
}

// --- regions and pages

// Regions of one page with a page between each, so a place for two pages is below all of them.
static void region_rows(long regions) {
    volatile char* memory = map_pages(2 * regions);
    for (long n = 0; n < regions; ++n) unmap_pages(memory + (2 * n + 1) * page, 1);
    write_some(memory, 2 * regions, 2);
    row("G9", "mmap_and_munmap_among_regions", regions, COST_OF({
            long two = raw_mmap(2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
            call(SYS_munmap, two, 2 * page, 0, 0);
        }));
    const long middle = (long)memory + regions * page;
    row("G10", "mprotect_there_and_back", regions, COST_OF({
            call(SYS_mprotect, middle, page, PROT_READ, 0);
            call(SYS_mprotect, middle, page, PROT_READ | PROT_WRITE, 0);
        }));
    unmap_pages(memory, 2 * regions);
}

// Every repetition unmaps another page.
static void page_row(void) {
    enum { table = 512 };
    volatile char* memory = map_pages(2 * table);
    write_pages(memory, 2 * table);
    long next = ((long)memory + table * page) & -(table * page);
    next += table / 4 * page;
    row("G11", "munmap_of_one_page_of_a_table", table, COST_OF({
            call(SYS_munmap, next, page, 0, 0);
            next += table / 8 * page;
        }));
    unmap_pages(memory, 2 * table);
}

// --- bytes

enum { buffer_size = 64 << 10 };

// As Debian's busybox copies: by sendfile(2), or if that fails through a buffer.
ALWAYS_INLINE void copy_bytes(long to, long from, volatile char* buffer) {
    while (call(SYS_sendfile, to, from, 0, 16 << 20) > 0) continue;
    for (long size; (size = call(SYS_read, from, (long)buffer, buffer_size, 0)) > 0;) {
        call(SYS_write, to, (long)buffer, size, 0);
    }
}

ALWAYS_INLINE void copy_file(const char* to_path, const char* from_path, volatile char* buffer) {
    long from = call(SYS_openat, AT_FDCWD, (long)from_path, O_RDONLY, 0);
    long to = call(SYS_openat, AT_FDCWD, (long)to_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    copy_bytes(to, from, buffer);
    call(SYS_close, to, 0, 0, 0);
    call(SYS_close, from, 0, 0, 0);
}

static void copy_rows(long size) {
    make_dev_null();
    volatile char* buffer = map_pages(buffer_size / page);
    const char *one = "/tmp/one", *other = "/tmp/other";
    int file = open(one, O_WRONLY | O_CREAT, 0666);
    must(file, one);
    for (long n = 0; n < size; n += buffer_size) must(write(file, (void*)buffer, buffer_size), "write");
    close(file);
    row("G14", "cat_of_bytes", size, COST_OF(copy_file("/dev/null", one, buffer)));
    row("G15", "cp_of_bytes", size, COST_OF(copy_file(other, one, buffer)));
    must(unlink(one), one);
    must(unlink(other), other);
    unmap_pages(buffer, buffer_size / page);
}

static void growth_rows(void) {
    file_rows();
    name_rows(1000);
    name_rows(10000);
    zombie_row();
    reader_row();
    kill_row();
    region_rows(90);
    region_rows(1000);
    page_row();
    proc_row();
    futex_row();
    copy_rows(8 << 20);
}
