// The rows about a whole fork: alone, with exit and wait, with stores by the child, with exec; the frames it takes.
#pragma once

#include "bench_base.h"

// P1, P3: a fork after `pages` pages were written. P2: another fork, with nothing written in between.
static uint64_t fork_rows(long pages) {
    volatile char* memory = map_pages(pages);
    uint64_t least[2] = {none, none};
    for (int n = 0; n <= repetitions(pages); ++n) {
        write_pages(memory, pages);
        for (int again = 0; again < 2; ++again) {
            uint64_t start = instructions();
            long child = raw_fork();
            if (child == 0) raw_exit();
            uint64_t cost = instructions() - start;
            must(child, "fork");
            raw_wait(child);
            if (n > 0) keep_least(&least[again], cost);
        }
    }
    unmap_pages(memory, pages);
    row("P1", "fork", pages, least[0]);
    if (pages == 0) row("P3", "fork", pages, least[0]);
    row("P2", "fork_again", pages, least[1]);
    return least[0];
}

// Fork, the child's stores to every stride-th page (0: no stores), exit and wait. The parent has written `pages` pages.
static uint64_t whole_work(long pages, long stride) {
    volatile char* memory = map_pages(pages);
    uint64_t least = none;
    for (int n = 0; n <= repetitions(pages); ++n) {
        write_pages(memory, pages);
        uint64_t start = instructions();
        long child = raw_fork();
        if (child == 0) {
            if (stride > 0) write_some(memory, pages, stride);
            raw_exit();
        }
        raw_wait(child);
        uint64_t cost = instructions() - start;
        must(child, "fork");
        if (n > 0) keep_least(&least, cost);
    }
    unmap_pages(memory, pages);
    return least;
}

// P4, P15, P12. The written pages are spread evenly, so even a quarter of them needs a copy of every table. work_sparse
// is worse still for shared tables: it writes one page below each.
static void work_rows(long pages) {
    uint64_t nothing = whole_work(pages, 0);
    row("P4", "fork_exit_wait", pages, nothing);
    if (pages == 0) return;
    row("P15", "work_0", pages, nothing);
    row("P15", "work_sparse", pages, whole_work(pages, 512));
    row("P15", "work_25", pages, whole_work(pages, 4));
    row("P15", "work_50", pages, whole_work(pages, 2));
    uint64_t all = whole_work(pages, 1);
    row("P15", "work_100", pages, all);
    if (pages == most_pages) row("P12", "child_writes_all", pages, all);
}

// P10. The program is user/true.c: one system call, no libc.
static void exec_row(void) {
    static char path[] = "/bin/true";
    static char* words[] = {path, NULL};
    uint64_t least = none;
    int status = 0;  // asked for only once, because writing it can fault
    for (int n = 0; n <= repetitions(0); ++n) {
        uint64_t start = instructions();
        long child = raw_fork();
        if (child == 0) {
            call(SYS_execve, (long)path, (long)words, (long)(words + 1), 0);
            call(SYS_exit_group, 1, 0, 0, 0);
        }
        call(SYS_wait4, child, n == 0 ? (long)&status : 0, 0, 0);
        uint64_t cost = instructions() - start;
        must(child, "fork");
        if (status != 0) return;
        if (n > 0) keep_least(&least, cost);
    }
    row("P10", "fork_exec_exit_wait", 0, least);
}

// The same with glibc's fork and exec, and with a glibc program: bench itself, with the argument `true`.
static void libc_rows(const char* self) {
    uint64_t least[3] = {none, none, none};
    for (int n = 0; n <= repetitions(0); ++n) {
        for (int exec = 0; exec < 2; ++exec) {
            uint64_t start = instructions();
            pid_t child = fork();
            if (child == 0 && exec) execl(self, self, "true", NULL);
            if (child == 0) _exit(exec);
            uint64_t forked = instructions() - start;
            must(child, "fork");
            int status = 0;
            waitpid(child, &status, 0);
            uint64_t waited = instructions() - start;
            if (status != 0) return;
            if (n > 0) keep_least(&least[0], forked);
            if (n > 0) keep_least(&least[1 + exec], waited);
        }
    }
    row("libc", "fork", 0, least[0]);
    row("libc", "fork_exit_wait", 0, least[1]);
    row("libc", "fork_exec_exit_wait", 0, least[2]);
}

// P11: the frames that a fork takes, and then the frames that the first writes take. sysinfo(2) counts the frames
// before it writes its answer, so the answer's own page can be the one that is written: answers go to pages of the
// region.
static void frames_rows(long pages) {
    volatile char* memory = map_pages(pages + 2);
    write_pages(memory, pages + 2);
    struct sysinfo* a = (struct sysinfo*)memory;
    struct sysinfo* b = (struct sysinfo*)(memory + page);
    uint64_t fork_took = none, first_took = none, next_took = none;
    for (int n = 0; n <= repetitions(pages); ++n) {
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
        must(child, "fork");
        uint64_t unit = a->mem_unit;
        open_gate(child);
        if (n == 0) continue;
        keep_least(&fork_took, (before - forked) * unit / page);
        keep_least(&first_took, (forked - wrote_one) * unit / page);
        keep_least(&next_took, (wrote_one - wrote_two) * unit / page);
    }
    unmap_pages(memory, pages + 2);
    row("P11", "frames_of_a_fork", pages, fork_took);
    row("P11", "frames_of_the_first_write", pages, first_took);
    row("P11", "frames_of_the_next_write", pages, next_took);
}

// The same as an average over many forks. A kernel may keep a few free frames that sysinfo does not count; in the
// average they hardly matter.
static void many_forks_row(long pages) {
    enum { many = 256 };
    volatile char* memory = map_pages(pages);
    write_pages(memory, pages);
    make_gate();
    uint64_t before = free_pages();
    long forked = 0;
    while (forked < many && fork_waiting_child() > 0) ++forked;
    uint64_t after = free_pages();
    close(gate[1]);
    for (long n = 0; n < forked; ++n) raw_wait(-1);
    close(gate[0]);
    unmap_pages(memory, pages);
    if (forked == many) {
        printf("P11 frames_of_each_of_256_forks %ld %.1f\n", pages, (double)(before - after) / many);
    } else {
        printf("P11 frames_of_each_of_256_forks %ld skipped\n", pages);
    }
}
