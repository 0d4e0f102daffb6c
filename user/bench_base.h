// What all rows of bench share: processes, memory, a child that waits, the lines of output.
#pragma once

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raw_call.h"

enum { page = 4096, most_pages = 16384 };

ALWAYS_INLINE long raw_fork(void) { return call(SYS_clone, SIGCHLD, 0, 0, 0); }
ALWAYS_INLINE void raw_exit(void) { call(SYS_exit_group, 0, 0, 0, 0); }
ALWAYS_INLINE void raw_wait(long pid) { call(SYS_wait4, pid, 0, 0, 0); }

static void must(long result, const char* what) {
    if (result >= 0) return;
    fprintf(stderr, "bench: %s failed: %ld\n", what, result);
    _exit(1);
}

// A row's value is the minimum (or the maximum) over some repetitions, after a first one that does not count. A maximum
// can contain a timer interrupt. In mode eager a large fork takes 20 million instructions, so these are repeated less.
static int repetitions(long pages) { return pages < 1024 ? 4 : pages <= most_pages ? 2 : 1; }

static const uint64_t none = UINT64_MAX;

ALWAYS_INLINE void keep_least(uint64_t* least, uint64_t value) {
    if (value < *least) *least = value;
}

// Linux begins without it, and a shell's redirection would make it a file.
static void make_dev_null(void) {
    mkdir("/dev", 0755);
    mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3));
    struct stat stat_of_null;
    must(stat("/dev/null", &stat_of_null), "/dev/null");
    must(S_ISCHR(stat_of_null.st_mode) ? 0 : -1, "/dev/null as a device");
}

// --- output

static void row(const char* name, const char* what, long pages, uint64_t value) {
    printf("%s %s %ld %llu\n", name, what, pages, (unsigned long long)value);
    fflush(stdout);
}

// --- memory

static volatile char* map_pages(long pages) {
    if (pages == 0) return NULL;
    void* memory = mmap(NULL, (size_t)pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(memory == MAP_FAILED ? -1 : 0, "mmap");
    return memory;
}

static void unmap_pages(volatile char* memory, long pages) {
    if (pages > 0) munmap((void*)memory, (size_t)pages * page);
}

// Writes to every stride-th page.
ALWAYS_INLINE void write_some(volatile char* memory, long pages, long stride) {
    for (long n = 0; n < pages; n += stride) memory[n * page] = (char)n;
}

static void write_pages(volatile char* memory, long pages) { write_some(memory, pages, 1); }

static uint64_t free_pages(void) {
    struct sysinfo info;
    sysinfo(&info);
    return (uint64_t)info.freeram * info.mem_unit / page;
}

// --- a child that sleeps until the parent lets it exit

static int gate[2];

static void make_gate(void) { must(pipe(gate), "pipe"); }

ALWAYS_INLINE void wait_at_gate(void) {
    call(SYS_close, gate[1], 0, 0, 0);
    char c;
    call(SYS_read, gate[0], (long)&c, 1, 0);
}

// Returns the child's pid, or a negative error.
ALWAYS_INLINE long fork_waiting_child(void) {
    long child = raw_fork();
    if (child == 0) {
        wait_at_gate();
        raw_exit();
    }
    return child;
}

static void open_gate(long child) {
    close(gate[1]);
    raw_wait(child);
    close(gate[0]);
}
