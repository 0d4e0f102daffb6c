// What memory operations cost, in retired instructions (rdinstret): the rows of the performance table.
//
//     row name pages value          one line a figure; `skipped` stands for a value when there is not enough memory
//
// Raw system calls, so that libc's own work is not in the figures. Meaningful on one hart under -icount; each value is
// the least of several repetitions after one that does not count. Runs unchanged on ox and on Linux.

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

enum { page = 4096, repetitions = 4 };

static inline __attribute__((always_inline)) uint64_t instructions(void) {
    uint64_t value;
    __asm__ volatile("rdinstret %0" : "=r"(value)::"memory");
    return value;
}

// The system call with nothing around it: no register is saved, nothing is written.
static inline __attribute__((always_inline)) long call(long number, long a, long b, long c, long d) {
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = 0;
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7) : "memory");
    return a0;
}

static inline __attribute__((always_inline)) long raw_fork(void) { return call(SYS_clone, SIGCHLD, 0, 0, 0); }
static inline __attribute__((always_inline)) void raw_exit(void) { call(SYS_exit_group, 0, 0, 0, 0); }
static inline __attribute__((always_inline)) void raw_wait(long pid) { call(SYS_wait4, pid, 0, 0, 0); }

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

static void row(const char* name, const char* what, long pages, uint64_t value) {
    printf("%s %s %ld %llu\n", name, what, pages, (unsigned long long)value);
    fflush(stdout);
}

static volatile char* map_pages(long pages) {
    if (pages == 0) return NULL;
    void* memory = mmap(NULL, (size_t)pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("bench: mmap");
        _exit(1);
    }
    return memory;
}

static void unmap_pages(volatile char* memory, long pages) {
    if (pages > 0) munmap((void*)memory, (size_t)pages * page);
}

static void write_pages(volatile char* memory, long pages) {
    for (long n = 0; n < pages; ++n) memory[n * page] = (char)n;
}

static uint64_t free_pages(void) {
    struct sysinfo info;
    sysinfo(&info);
    return (uint64_t)info.freeram * info.mem_unit / page;
}

// --- a child that stays until it is let go, without running on

static int gate[2];

// Negative, or the child's pid.
static inline __attribute__((always_inline)) long fork_waiting_child(void) {
    long child = raw_fork();
    if (child == 0) {
        call(SYS_close, gate[1], 0, 0, 0);
        char c;
        call(SYS_read, gate[0], (long)&c, 1, 0);
        raw_exit();
    }
    return child;
}

static void make_gate(void) {
    if (pipe(gate) != 0) _exit(1);
}

static void open_gate(long child) {
    close(gate[1]);
    raw_wait(child);
    close(gate[0]);
}

static void must(long child) {
    if (child >= 0) return;
    fprintf(stderr, "bench: fork failed: %ld\n", child);
    _exit(1);
}

// --- the rows

// P1, P3: fork with `pages` written since the last one. P2: fork again, with nothing written since.
static void fork_rows(long pages, uint64_t* first_fork) {
    volatile char* memory = map_pages(pages);
    uint64_t first = UINT64_MAX;
    uint64_t second = UINT64_MAX;
    for (int n = 0; n <= repetitions; ++n) {
        write_pages(memory, pages);
        for (int again = 0; again < 2; ++again) {
            uint64_t start = instructions();
            long child = raw_fork();
            if (child == 0) raw_exit();
            uint64_t cost = instructions() - start;
            must(child);
            raw_wait(child);
            if (n > 0) *(again ? &second : &first) = least(again ? second : first, cost);
        }
    }
    unmap_pages(memory, pages);
    row(pages > 0 ? "P1" : "P3", "fork", pages, first);
    row("P2", "fork_again", pages, second);
    *first_fork = first;
}

static void fork_exit_wait_row(long pages) {
    volatile char* memory = map_pages(pages);
    uint64_t cost = UINT64_MAX;
    for (int n = 0; n <= repetitions; ++n) {
        write_pages(memory, pages);
        uint64_t start = instructions();
        long child = raw_fork();
        if (child == 0) raw_exit();
        raw_wait(child);
        uint64_t all = instructions() - start;
        must(child);
        if (n > 0) cost = least(cost, all);
    }
    unmap_pages(memory, pages);
    row("P4", "fork_exit_wait", pages, cost);
}

// A store to each page, divided by their number: tables and all.
static uint64_t average_store(volatile char* memory, long pages) {
    uint64_t start = instructions();
    write_pages(memory, pages);
    return (instructions() - start) / (uint64_t)pages;
}

static uint64_t cheapest_store(volatile char* memory, long pages) {
    uint64_t cheapest = UINT64_MAX;
    for (long n = 0; n < pages; ++n) {
        uint64_t start = instructions();
        memory[n * page] = 1;
        cheapest = least(cheapest, instructions() - start);
    }
    return cheapest;
}

// P7: the first touch of an anonymous page. P5: a store to a page that a child shares. P6: a store to one that a dead
// child shared.
static void fault_rows(long pages) {
    uint64_t average[3] = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
    uint64_t single[3] = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
    for (int n = 0; n <= 2 * repetitions; ++n) {
        int one_by_one = n % 2;
        volatile char* memory = map_pages(pages);
        for (int kind = 0; kind < 3; ++kind) {
            long child = -1;
            if (kind == 1) {
                make_gate();
                must(child = fork_waiting_child());
            } else if (kind == 2) {
                must(child = raw_fork());
                if (child == 0) raw_exit();
                raw_wait(child);
            }
            if (one_by_one) {
                single[kind] = least(single[kind], cheapest_store(memory, pages));
            } else {
                uint64_t cost = average_store(memory, pages);
                if (n > 0) average[kind] = least(average[kind], cost);
            }
            if (kind == 1) open_gate(child);
        }
        unmap_pages(memory, pages);
    }
    row("P5", "copy_fault", pages, average[1]);
    row("P5", "copy_fault_least", pages, single[1]);
    row("P6", "last_owner_fault", pages, average[2]);
    row("P6", "last_owner_fault_least", pages, single[2]);
    row("P7", "first_touch", pages, average[0]);
    row("P7", "first_touch_least", pages, single[0]);
}

static void null_call_row(void) {
    uint64_t cost = UINT64_MAX;
    for (int n = 0; n < 100; ++n) {
        uint64_t start = instructions();
        call(SYS_getpid, 0, 0, 0, 0);
        cost = least(cost, instructions() - start);
    }
    row("P8", "getpid", 0, cost);
}

// P11: frames that a fork takes, and what the first writes after it take. sysinfo counts before it writes its answer,
// so its own writes can be the ones that are looked at: the answers go to pages of the region.
static void frames_rows(long pages) {
    volatile char* memory = map_pages(pages + 2);
    write_pages(memory, pages + 2);
    struct sysinfo* a = (struct sysinfo*)memory;
    struct sysinfo* b = (struct sysinfo*)(memory + page);
    uint64_t fork_took = UINT64_MAX, first_took = UINT64_MAX, next_took = UINT64_MAX;
    for (int n = 0; n <= repetitions; ++n) {
        make_gate();
        call(SYS_sysinfo, (long)a, 0, 0, 0);
        uint64_t before = *(volatile uint64_t*)&a->freeram;
        long child = fork_waiting_child();
        call(SYS_sysinfo, (long)a, 0, 0, 0);
        uint64_t forked = *(volatile uint64_t*)&a->freeram;
        call(SYS_sysinfo, (long)a, 0, 0, 0);
        uint64_t wrote_one = *(volatile uint64_t*)&a->freeram;
        call(SYS_sysinfo, (long)b, 0, 0, 0);
        call(SYS_sysinfo, (long)a, 0, 0, 0);
        uint64_t wrote_two = *(volatile uint64_t*)&a->freeram;
        must(child);
        uint64_t unit = a->mem_unit;
        open_gate(child);
        if (n == 0) continue;
        fork_took = least(fork_took, (before - forked) * unit / page);
        first_took = least(first_took, (forked - wrote_one) * unit / page);
        next_took = least(next_took, (wrote_one - wrote_two) * unit / page);
    }
    unmap_pages(memory, pages + 2);
    row("P11", "frames_of_a_fork", pages, fork_took);
    row("P11", "frames_of_the_first_write", pages, first_took);
    row("P11", "frames_of_the_next_write", pages, next_took);
}

static void libc_fork_row(void) {
    uint64_t cost = UINT64_MAX;
    for (int n = 0; n <= repetitions; ++n) {
        uint64_t start = instructions();
        pid_t child = fork();
        if (child == 0) _exit(0);
        uint64_t one = instructions() - start;
        must(child);
        waitpid(child, NULL, 0);
        if (n > 0) cost = least(cost, one);
    }
    row("libc", "fork", 0, cost);
}

int main(void) {
    static const long sizes[] = {0, 256, 4096, 16384};
    uint64_t cost[4] = {0};
    for (int n = 0; n < 4; ++n) {
        // In mode eager a fork needs as much again.
        if (free_pages() < (uint64_t)sizes[n] * 2 + 1024) {
            printf("P1 fork %ld skipped\n", sizes[n]);
            continue;
        }
        fork_rows(sizes[n], &cost[n]);
        if (n == 0 || n == 3) fork_exit_wait_row(sizes[n]);
    }
    if (cost[2] != 0 && cost[3] != 0)
        row("P13", "fork_slope_per_page", sizes[3], (cost[3] - cost[2]) / (uint64_t)(sizes[3] - sizes[2]));
    fault_rows(2048);
    null_call_row();
    frames_rows(0);
    frames_rows(1024);
    libc_fork_row();
    return 0;
}
