// Uses up memory: a process touches it until it is killed, and chains of processes fork until fork fails.
#pragma once

#include "torture_areas.h"

static void touch_until_killed(void) {
    pid_t child = fork();
    CHECK(child >= 0, "fork", 0);
    if (child == 0) {
        for (;;) {
            unsigned char* memory = mmap(NULL, 256 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (memory == MAP_FAILED) _exit(2);
            for (int n = 0; n < 256; ++n) memory[n * page] = 1;
        }
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child, "waitpid", child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "status of who used up the memory", status);
    ++counts.killed;
    check_all();
}

static int chain_pipe[2];  // the depth that a chain has reached
static uint32_t chain_cells[max_depth];

static uint32_t cell_of(int depth) { return (uint32_t)depth * 2654435761u + 1; }

static void check_cells(int depth) {
    for (int n = 0; n <= depth; ++n) CHECK(chain_cells[n] == cell_of(n), "a forefather's cell", n);
    CHECK(chain_cells[depth + 1] == 0, "a child's cell", depth + 1);
}

static unsigned char full[16 * page];  // never written, so it maps the zero frame

// Takes every free frame by filling pipes (a write that finds no memory fails; it does not kill the process). Checks
// that fork fails then, and gives the frames back.
static void fork_without_memory(void) {
    int pipes[28][2];
    int made = 0;
    int short_of_memory = 0;
    while (made < 28 && !short_of_memory && pipe(pipes[made]) == 0) {
        short_of_memory = write(pipes[made][1], full, sizeof full) != sizeof full;
        ++made;
    }
    // The raw system call: glibc's fork() writes to its own pages, which are shared and could not be copied now.
    long child = raw_fork(NULL);
    int error = errno;
    if (child == 0) syscall(SYS_exit_group, 0);
    for (int n = 0; n < made; ++n) {
        close(pipes[n][0]);
        close(pipes[n][1]);
    }
    if (short_of_memory) {
        CHECK(child == -1 && error == ENOMEM, "fork without memory", child);
        ++counts.failed_forks;
    } else if (child > 0) {
        wait_for((pid_t)child);
    }
}

static void end_chain(int depth) {
    CHECK(write(chain_pipe[1], &depth, sizeof depth) == sizeof depth, "end of the chain", depth);
    fork_without_memory();
}

// Forks a process that waits until this one has returned from fork(). Otherwise the child could use up the memory
// first; this process would die of that in fork(), and leave an orphan that begins a chain of its own.
static pid_t fork_link(void) {
    int go[2];
    char c = 0;
    if (pipe(go) != 0) return -1;
    // Write the first byte now, so that the pipe already has its memory when the second is written.
    pid_t child = write(go[1], &c, 1) == 1 ? fork() : -1;
    if (child == 0) {
        close(go[1]);
        if (read(go[0], &c, 1) != 1 || read(go[0], &c, 1) != 1) _exit(0);
        close(go[0]);
        return 0;
    }
    // From here on this process writes to no shared page, so neither of the two can die for lack of memory.
    if (child > 0) (void)!write(go[1], &c, 1);
    close(go[0]);
    close(go[1]);
    return child;
}

// Each process forks the next one until fork fails or the chain is `limit` deep. Then they exit, the last one first,
// and each checks that its memory has not changed.
static void chain(int limit) {
    int depth = 0;
    chain_cells[0] = cell_of(0);
    for (;;) {
        check_cells(depth);
        errno = 0;
        pid_t child = depth < limit ? fork_link() : -1;
        if (child == 0) {
            ++depth;
            chain_cells[depth] = cell_of(depth);
            memset(&counts, 0, sizeof counts);
            continue;
        }
        if (child < 0) {
            CHECK(errno == 0 || errno == ENOMEM || errno == EAGAIN, "fork", depth);
            counts.failed_forks += depth < limit;
            end_chain(depth);
        } else {
            int status;
            CHECK(waitpid(child, &status, 0) == child, "waitpid", child);
            int killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
            CHECK(killed || exit_code_of(status) == 0, "a child's status", status);
            if (killed) {
                ++counts.killed;
                end_chain(depth);
            }
        }
        check_cells(depth);
        if (depth == 0) return;
        check_all();
        if (counts.failed_forks + counts.killed > 0) report();
        _exit(0);
    }
}

// On a machine with much memory, a separate process holds most of the frames. Otherwise the chain would need more
// processes than there are pids.
static pid_t hold_memory(int leave_mib, int hold[2]) {
    struct sysinfo info;
    CHECK(sysinfo(&info) == 0 && pipe(hold) == 0, "sysinfo or pipe", 0);
    uint64_t free_bytes = (uint64_t)info.freeram * info.mem_unit;
    uint64_t leave = (uint64_t)leave_mib << 20;
    pid_t holder = fork();
    CHECK(holder >= 0, "fork", 0);
    if (holder == 0) {
        close(hold[1]);
        for (uint64_t held = leave; held < free_bytes; held += page) {
            volatile unsigned char* memory =
                mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (memory == MAP_FAILED) _exit(1);
            *memory = 1;
        }
        char c = 'r';
        if (write(chain_pipe[1], &c, 1) != 1) _exit(1);
        (void)!read(hold[0], &c, 1);
        _exit(0);
    }
    close(hold[0]);
    char c;
    CHECK(read(chain_pipe[0], &c, 1) == 1 && c == 'r', "the holder's word", 0);
    return holder;
}

static int depth_of_chain(int limit) {
    // All chains start alike: with empty pipes, in a process of their own.
    collect(&counts);
    pid_t first = fork();
    CHECK(first >= 0, "fork", 0);
    if (first == 0) {
        memset(&counts, 0, sizeof counts);
        chain(limit);
        report();
        _exit(0);
    }
    wait_for(first);
    // The deepest process reports first. The ones above it may have run out of memory too.
    int depth[64];
    CHECK(read(chain_pipe[0], depth, sizeof depth) >= (long)sizeof depth[0], "where the chain ended", 0);
    counts.processes += (uint32_t)depth[0] + 1;
    check_all();
    return depth[0];
}

static void chains_until_memory_is_gone(int depths[chains]) {
    int hold[2];
    pid_t holder = hold_memory(16, hold);
    // After this first chain, the first process has its own copies of the pages that it shared with the holder.
    depths[0] = depth_of_chain(3);
    for (int n = 0; n < chains; ++n) depths[n] = depth_of_chain(max_depth - 2);
    close(hold[1]);
    wait_for(holder);
    // The depths may differ by one. Parent and child share tables until one of them writes. It depends on their order,
    // or on whether both copy at once on two harts, whether the last frames are enough for one more process.
    for (int n = 1; n < chains; ++n) {
        CHECK(abs(depths[n] - depths[0]) <= 1, "a chain's depth differs from the first's by", depths[n] - depths[0]);
    }
}
