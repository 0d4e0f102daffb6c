// Measures what memory operations cost, in retired instructions (rdinstret): the rows of the performance table.
//
//     bench                         prints lines "row name pages value"; value `skipped`: too little memory
//     bench pages N                 fork, fork with exit and wait, munmap of N pages
//     bench growth                  the rows G1, G2, ... alone
//     bench key                     the rows P1 to P12, of 0 and 16,384 pages alone
//     bench births                  processes that are born beside a heap of 64 MiB, and 1,000 at once
//     bench work NAME COMMAND...    a row NAME: the command, from its fork to its end
//     bench workers N               P14: how often in a second N processes at once can fork, exit and wait (wall time)
//
// The program makes raw system calls, so the figures contain no work of the libc. Counts mean something only on one
// hart under -icount, and only while the hart is never idle: the counter is also the clock, and jumps over idle time.
// The program runs unchanged on ox and on Linux.

#include <time.h>

#include "bench_base.h"
#include "bench_forks.h"
#include "bench_growth.h"
#include "bench_work.h"

// --- P5, P6, P7: stores that fault: the minimum, and the average with all the copied tables in it

struct sweep {
    uint64_t average, shortest, longest;
};

static uint64_t average_store(volatile char* memory, long pages) {
    uint64_t start = instructions();
    write_pages(memory, pages);
    return (instructions() - start) / (uint64_t)pages;
}

static void single_stores(volatile char* memory, long pages, struct sweep* sweep) {
    uint64_t longest = 0;
    for (long n = 0; n < pages; ++n) {
        uint64_t start = instructions();
        memory[n * page] = 1;
        uint64_t cost = instructions() - start;
        keep_least(&sweep->shortest, cost);
        if (cost > longest) longest = cost;
    }
    keep_least(&sweep->longest, longest);
}

enum kind { first_touch, copy, last_owner, kinds };

// A child that shares the pages: no child, one that waits, or one that has exited.
static long sharer(enum kind kind) {
    if (kind == first_touch) return 0;
    if (kind == copy) {
        make_gate();
        long child = fork_waiting_child();
        must(child, "fork");
        return child;
    }
    long child = raw_fork();
    if (child == 0) raw_exit();
    must(child, "fork");
    raw_wait(child);
    return 0;
}

static void sweep_rows(const char* name, const char* what, long pages, const struct sweep* sweep) {
    char text[64];
    row(name, what, pages, sweep->average);
    snprintf(text, sizeof text, "%s_shortest", what);
    row(name, text, pages, sweep->shortest);
    snprintf(text, sizeof text, "%s_longest", what);
    row(name, text, pages, sweep->longest);
}

static void fault_rows(long pages) {
    struct sweep sweeps[kinds] = {{none, none, none}, {none, none, none}, {none, none, none}};
    for (int n = 0; n < 6; ++n) {
        volatile char* memory = map_pages(pages);
        for (enum kind kind = 0; kind < kinds; ++kind) {
            long child = sharer(kind);
            if (n % 2 == 0) {
                uint64_t cost = average_store(memory, pages);
                if (n > 0) keep_least(&sweeps[kind].average, cost);
            } else {
                single_stores(memory, pages, &sweeps[kind]);
            }
            if (child > 0) open_gate(child);
        }
        unmap_pages(memory, pages);
    }
    sweep_rows("P5", "copy_fault", pages, &sweeps[copy]);
    sweep_rows("P6", "last_owner_fault", pages, &sweeps[last_owner]);
    sweep_rows("P7", "first_touch", pages, &sweeps[first_touch]);
}

// One call that does much work: it unmaps pages that nobody shares.
static void unmap_row(long pages) {
    uint64_t least = none;
    for (int n = 0; n <= repetitions(pages); ++n) {
        volatile char* memory = map_pages(pages);
        write_pages(memory, pages);
        uint64_t start = instructions();
        call(SYS_munmap, (long)memory, pages * page, 0, 0);
        uint64_t cost = instructions() - start;
        if (n > 0) keep_least(&least, cost);
    }
    row("worst", "munmap", pages, least);
}

// --- P8, P9: the way into the kernel, and between processes

static void null_call_row(void) {
    uint64_t least = none;
    for (int n = 0; n < 100; ++n) {
        uint64_t start = instructions();
        call(SYS_getpid, 0, 0, 0, 0);
        keep_least(&least, instructions() - start);
    }
    row("P8", "getpid", 0, least);
}

// A byte goes to the child and another one comes back. There is one hart: one process runs while the other waits.
static void round_trip_row(void) {
    int to[2], from[2];
    must(pipe(to), "pipe");
    must(pipe(from), "pipe");
    char c = 0;
    long child = raw_fork();
    if (child == 0) {
        call(SYS_close, to[1], 0, 0, 0);
        while (call(SYS_read, to[0], (long)&c, 1, 0) == 1) call(SYS_write, from[1], (long)&c, 1, 0);
        raw_exit();
    }
    must(child, "fork");
    uint64_t least = none;
    for (int n = 0; n < 100; ++n) {
        uint64_t start = instructions();
        call(SYS_write, to[1], (long)&c, 1, 0);
        call(SYS_read, from[0], (long)&c, 1, 0);
        keep_least(&least, instructions() - start);
    }
    close(to[1]);
    raw_wait(child);
    close(to[0]);
    close(from[0]);
    close(from[1]);
    row("P9", "pipe_round_trip", 0, least);
}

// --- P14

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int workers(long number) {
    enum { rounds = 10000 };
    make_gate();
    for (long n = 0; n < number; ++n) {
        long worker = raw_fork();
        must(worker, "fork");
        if (worker > 0) continue;
        wait_at_gate();
        for (int round = 0; round < rounds; ++round) {
            long child = raw_fork();
            if (child == 0) raw_exit();
            raw_wait(child);
        }
        raw_exit();
    }
    double start = seconds();
    close(gate[1]);
    for (long n = 0; n < number; ++n) raw_wait(-1);
    row("P14", "forks_in_a_second", number, (uint64_t)((double)(number * rounds) / (seconds() - start)));
    return 0;
}

// --- all rows

static int pages_alone(long pages) {
    fork_rows(pages);
    row("P4", "fork_exit_wait", pages, whole_work(pages, 0));
    unmap_row(pages);
    return 0;
}

static int key_rows(void) {
    fork_rows(0);
    fork_rows(most_pages);
    row("P4", "fork_exit_wait", 0, whole_work(0, 0));
    row("P4", "fork_exit_wait", most_pages, whole_work(most_pages, 0));
    fault_rows(2048);
    null_call_row();
    round_trip_row();
    exec_row();
    row("P15", "work_25", most_pages, whole_work(most_pages, 4));
    row("P12", "child_writes_all", most_pages, whole_work(most_pages, 1));
    return 0;
}

static void sized_rows(void) {
    static const long sizes[] = {0, 1, 16, 256, 1024, 4096, most_pages};
    enum { count = sizeof sizes / sizeof *sizes };
    uint64_t cost[count] = {0};
    for (int n = 0; n < count; ++n) {
        // In mode eager a fork needs the same number of frames again.
        if (free_pages() < (uint64_t)sizes[n] * 2 + 1024) {
            printf("P1 fork %ld skipped\n", sizes[n]);
            return;
        }
        cost[n] = fork_rows(sizes[n]);
        work_rows(sizes[n]);
        frames_rows(sizes[n]);
    }
    unmap_row(most_pages);
    uint64_t more = cost[count - 1] - cost[count - 2];
    double slope = (double)more / (double)(most_pages - sizes[count - 2]);
    printf("P13 fork_slope_per_page %d %.2f\n", most_pages, slope);
}

int main(int argc, char** argv) {
    if (argc == 2 && strcmp(argv[1], "true") == 0) return 0;
    if (argc == 3 && strcmp(argv[1], "workers") == 0) return workers(atol(argv[2]));
    if (argc == 3 && strcmp(argv[1], "pages") == 0) return pages_alone(atol(argv[2]));
    if (argc == 2 && strcmp(argv[1], "key") == 0) return key_rows();
    if (argc == 2 && strcmp(argv[1], "births") == 0) return births();
    if (argc > 3 && strcmp(argv[1], "work") == 0) return work(argv[2], argv + 3);
    if (argc == 2 && strcmp(argv[1], "growth") == 0) return growth_rows(), 0;

    sized_rows();
    fault_rows(2048);
    null_call_row();
    round_trip_row();
    exec_row();
    char self[64];
    snprintf(self, sizeof self, "%s%s", strchr(argv[0], '/') ? "" : "/bin/", argv[0]);
    libc_rows(self);
    many_forks_row(0);
    many_forks_row(most_pages);
    growth_rows();
    return 0;
}
