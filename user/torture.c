// torture [rounds]: everything that a fork may get wrong, until it does.
//
// A tree of processes writes into areas of every kind of memory through every door, the user's and the kernel's; every
// process knows a checksum of each of its areas and checks them all, so a write that shows elsewhere, or not here, is
// found. On ox it then uses up all memory: by touching it, and by chains of forks. Exit status 0: all is well.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { page = 4096, areas_of_a_kind = 3, generations = 6, steps = 20, chains = 3, max_depth = 4096 };
enum kind { data, bss, heap, mapping, stack, read_only, zero, kinds };
enum { areas = kinds * areas_of_a_kind };

// An area is as large as a page. Those of data and bss are not aligned, so each lies in two pages, beside other things.
static unsigned char* area[areas];
static uint64_t checksum[areas];
static unsigned char data_areas[areas_of_a_kind * page] = {1};
static unsigned char bss_areas[areas_of_a_kind * page];

static const char* self_path;  // this program's file,
static int self_file;
static unsigned char known_bytes[256];  // how it begins,
static struct stat self_status;         // and what fstat says of it
static struct utsname self_uname;
static int report_pipe[2];  // counts on their way to the first process
static int generation = -1;
static uint64_t random_state = 88172645463325252u;

static struct counts {
    uint32_t processes, user_writes, kernel_writes, failed_forks, killed;
} counts;

static uint64_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

#define CHECK(condition, ...)                                      \
    do {                                                           \
        if (!(condition)) fail(__LINE__, #condition, __VA_ARGS__); \
    } while (0)

static void fail(int line, const char* condition, const char* what, long detail) {
    dprintf(2, "torture: line %d: %s: %s %ld (pid %d, generation %d, errno %d)\n", line, condition, what, detail,
            (int)getpid(), generation, errno);
    _exit(1);
}

// --- areas

static uint64_t sum_of(int i) {
    const uint64_t* word = (const uint64_t*)area[i];
    uint64_t sum = 0;
    for (int n = 0; n < page / 8; ++n) sum = sum * 31 + word[n];
    return sum;
}

static void check_area(int i) { CHECK(sum_of(i) == checksum[i], "wrong contents in area", i); }

static void check_all(void) {
    for (int i = 0; i < areas; ++i) check_area(i);
}

static void make_areas(unsigned char* stack_areas) {
    unsigned char* heap_areas = sbrk(areas_of_a_kind * page + page);
    CHECK(heap_areas != (void*)-1, "brk", 0);
    heap_areas += -(uintptr_t)heap_areas % page;
    // Mapped, read-only and zero areas side by side, so that the tables are the same and the rights are not.
    unsigned char* mapped =
        mmap(NULL, 3 * areas_of_a_kind * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(mapped != MAP_FAILED, "mmap", 0);
    for (int n = 0; n < areas_of_a_kind; ++n) {
        area[data * areas_of_a_kind + n] = data_areas + n * page;
        area[bss * areas_of_a_kind + n] = bss_areas + n * page;
        area[heap * areas_of_a_kind + n] = heap_areas + n * page;
        area[stack * areas_of_a_kind + n] = stack_areas + n * page;
        area[mapping * areas_of_a_kind + n] = mapped + (3 * n) * page;
        area[read_only * areas_of_a_kind + n] = mapped + (3 * n + 1) * page;
        area[zero * areas_of_a_kind + n] = mapped + (3 * n + 2) * page;
    }
    for (int i = 0; i < areas; ++i) {
        if (i / areas_of_a_kind != zero) {
            for (int n = 0; n < page; n += 8) *(uint64_t*)(area[i] + n) = next_random();
        }
        if (i / areas_of_a_kind == read_only) CHECK(mprotect(area[i], page, PROT_READ) == 0, "mprotect", i);
        checksum[i] = sum_of(i);
    }
}

// --- doors: ways for some bytes to get to `to`. The kernel's are the first to write there, so it is the kernel who
// must copy the page.

static int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }

static void by_user_store(unsigned char* to) {
    uint64_t value = next_random();
    *(volatile uint64_t*)to = value;
    CHECK(*(volatile uint64_t*)to == value, "store", 0);
}

static void by_file_read(unsigned char* to) {
    int offset = (int)(next_random() % 128);
    int file = open(self_path, O_RDONLY);
    CHECK(file >= 0 && lseek(file, offset, SEEK_SET) == offset, "open or lseek", offset);
    CHECK(read(file, to, 128) == 128, "read from a file", offset);
    CHECK(memcmp(to, known_bytes + offset, 128) == 0, "the file's bytes", offset);
    close(file);
}

static void by_pipe_read(unsigned char* to) {
    int own[2];
    uint64_t value[64];
    for (int n = 0; n < 64; ++n) value[n] = next_random();
    CHECK(pipe(own) == 0, "pipe", 0);
    CHECK(write(own[1], value, sizeof value) == sizeof value, "write to a pipe", 0);
    CHECK(read(own[0], to, sizeof value) == sizeof value, "read from a pipe", 0);
    CHECK(memcmp(to, value, sizeof value) == 0, "pipe's bytes", 0);
    close(own[0]);
    close(own[1]);
}

static void by_wait_status(unsigned char* to) {
    int code = (int)(next_random() % 250);
    pid_t child = fork();
    if (child == 0) _exit(code);
    if (child < 0) {
        ++counts.failed_forks;
        return;
    }
    ++counts.processes;
    CHECK(wait4(child, (int*)to, 0, NULL) == child, "wait4", child);
    CHECK(exit_code_of(*(int*)to) == code, "status by wait4", *(int*)to);
}

static void by_getrandom(unsigned char* to) {
    unsigned char before[32];
    memcpy(before, to, 32);
    CHECK(getrandom(to, 32, 0) == 32, "getrandom", 0);
    CHECK(memcmp(before, to, 32) != 0, "getrandom's bytes", 0);
}

static void by_clock_gettime(unsigned char* to) {
    struct timespec before;
    memcpy(&before, to, sizeof before);
    CHECK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, to) == 0, "clock_gettime", 0);
    CHECK(memcmp(&before, to, sizeof before) != 0, "clock_gettime's bytes", 0);
    long nanoseconds = ((struct timespec*)to)->tv_nsec;
    CHECK(nanoseconds >= 0 && nanoseconds < 1000000000, "nanoseconds", nanoseconds);
}

static void by_uname(unsigned char* to) {
    CHECK(uname((struct utsname*)to) == 0, "uname", 0);
    CHECK(memcmp(to, &self_uname, sizeof self_uname) == 0, "uname's bytes", 0);
}

static void by_fstat(unsigned char* to) {
    CHECK(fstat(self_file, (struct stat*)to) == 0, "fstat", 0);
    const struct stat* status = (const struct stat*)to;
    CHECK(status->st_size == self_status.st_size && status->st_mode == self_status.st_mode, "fstat's bytes", 0);
}

// fork, but the system call itself; the child's pid also goes to `child_tid`, if that is not null.
static long raw_fork(void* child_tid) {
    unsigned long flags = SIGCHLD | (child_tid != NULL ? CLONE_CHILD_SETTID : 0);
#ifdef __x86_64__  // which has the last two arguments the other way round
    return syscall(SYS_clone, flags, 0, 0, child_tid, 0);
#else
    return syscall(SYS_clone, flags, 0, 0, 0, child_tid);
#endif
}

// The child stores its pid into its own copy of the area; the parent's stays.
static void by_child_settid(unsigned char* to) {
    pid_t before = *(pid_t*)to;
    long child = raw_fork(to);
    if (child == 0) _exit(*(volatile pid_t*)to == (pid_t)syscall(SYS_getpid) ? 0 : 1);
    if (child < 0) {
        ++counts.failed_forks;
        return;
    }
    ++counts.processes;
    int status;
    CHECK(waitpid((pid_t)child, &status, 0) == child && exit_code_of(status) == 0, "pid by CHILD_SETTID", status);
    CHECK(*(volatile pid_t*)to == before, "the child's pid in the parent", *(pid_t*)to);
}

static void (*const doors[])(unsigned char*) = {
    by_user_store,    by_file_read, by_pipe_read, by_wait_status,  by_getrandom,
    by_clock_gettime, by_uname,     by_fstat,     by_child_settid,
};
enum { door_count = sizeof doors / sizeof doors[0] };

static void write_somewhere(void) {
    int i = (int)(next_random() % areas);
    // Stores are cheap, and what a user does most.
    int door = next_random() % 2 != 0 ? 0 : (int)(next_random() % door_count);
    int protected = i / areas_of_a_kind == read_only;
    if (protected) {
        errno = 0;
        CHECK(syscall(SYS_getrandom, area[i], 8, 0) == -1 && errno == EFAULT, "the kernel wrote a read-only page", i);
        check_area(i);
        CHECK(mprotect(area[i], page, PROT_READ | PROT_WRITE) == 0, "mprotect", i);
    }
    doors[door](area[i] + next_random() % ((page - 512) / 8) * 8);
    if (protected) CHECK(mprotect(area[i], page, PROT_READ) == 0, "mprotect", i);
    checksum[i] = sum_of(i);
    ++*(door == 0 ? &counts.user_writes : &counts.kernel_writes);
}

// --- generations

static void report(void) { CHECK(write(report_pipe[1], &counts, sizeof counts) == sizeof counts, "report", 0); }

// Adds up what has been reported; nobody else is alive.
static void collect(struct counts* sum) {
    struct counts one = {.processes = UINT32_MAX};  // ends the list
    CHECK(write(report_pipe[1], &one, sizeof one) == sizeof one, "end of reports", 0);
    while (read(report_pipe[0], &one, sizeof one) == sizeof one && one.processes != UINT32_MAX) {
        sum->processes += one.processes;
        sum->user_writes += one.user_writes;
        sum->kernel_writes += one.kernel_writes;
        sum->failed_forks += one.failed_forks;
        sum->killed += one.killed;
    }
}

static void live(void);

static pid_t fork_generation(void) {
    uint64_t seed = next_random();
    pid_t child = fork();
    if (child < 0) {
        CHECK(errno == ENOMEM || errno == EAGAIN, "fork", 0);
        ++counts.failed_forks;
    } else if (child > 0) {
        ++counts.processes;
    } else {
        random_state = seed | 1;
        ++generation;
        memset(&counts, 0, sizeof counts);
        live();
        report();
        _exit(0);
    }
    return child;
}

static void wait_for(pid_t child) {
    int status;
    CHECK(waitpid(child, &status, 0) == child, "waitpid", child);
    CHECK(exit_code_of(status) == 0, "a child's status", status);
}

// One process's life: it writes, and its children do the same at the same time. At most two of them live at once.
static void live(void) {
    pid_t child[2] = {-1, -1};
    int next = 0;
    for (int step = 0; step < steps; ++step) {
        // Children come early: there must be something left to do beside them.
        int births = generation < generations && (step == 1 || (step < 8 && next_random() % 8 == 0));
        if (births) {
            if (child[next] > 0) wait_for(child[next]);
            child[next] = fork_generation();
            next = 1 - next;
        } else if (next_random() % 4 == 0) {
            check_area((int)(next_random() % areas));
        } else {
            write_somewhere();
        }
    }
    check_all();
    for (int n = 0; n < 2; ++n) {
        if (child[n] > 0) wait_for(child[n]);
    }
    check_all();
}

// --- until memory is gone

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

static int chain_pipe[2];  // how deep a chain was
static uint32_t chain_cells[max_depth];

static uint32_t cell_of(int depth) { return (uint32_t)depth * 2654435761u + 1; }

static void check_cells(int depth) {
    for (int n = 0; n <= depth; ++n) CHECK(chain_cells[n] == cell_of(n), "a forefather's cell", n);
    CHECK(chain_cells[depth + 1] == 0, "a child's cell", depth + 1);
}

static unsigned char full[16 * page];  // never written: the frame of zeros

// Takes every frame that is left, by filling pipes (a write that finds no memory fails, it does not kill), and sees
// fork fail. Then gives them back.
static void fork_without_memory(void) {
    int pipes[28][2];
    int made = 0;
    int short_of_memory = 0;
    while (made < 28 && !short_of_memory && pipe(pipes[made]) == 0) {
        short_of_memory = write(pipes[made][1], full, sizeof full) != sizeof full;
        ++made;
    }
    // The raw call: glibc's writes to pages of its own, which are shared and could not be copied now.
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

// Forks a process that only goes on when this one has come back from fork. Else this one could die there, of the
// memory that the other one took, and leave an orphan that begins a chain of its own.
static pid_t fork_link(void) {
    int go[2];
    char c = 0;
    if (pipe(go) != 0) return -1;
    // The first byte is there before: it has brought the pipe its memory.
    pid_t child = write(go[1], &c, 1) == 1 ? fork() : -1;
    if (child == 0) {
        close(go[1]);
        if (read(go[0], &c, 1) != 1 || read(go[0], &c, 1) != 1) _exit(0);
        close(go[0]);
        return 0;
    }
    // From here on this process writes nothing that the other one shares: neither of them can die of it.
    if (child > 0) (void)!write(go[1], &c, 1);
    close(go[0]);
    close(go[1]);
    return child;
}

// Each process forks the next one, until that is impossible or `limit` deep; then they end from the last to the first,
// and each still has its memory as it was.
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

// Frames of a machine with much memory are held by a process beside the chain, so that it does not get longer than
// there are pids.
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
    // All chains begin alike: with empty pipes, in a process of their own.
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
    // The deepest one's word comes first; the ones above it may have found memory short as well.
    int depth[64];
    CHECK(read(chain_pipe[0], depth, sizeof depth) >= (long)sizeof depth[0], "where the chain ended", 0);
    counts.processes += (uint32_t)depth[0] + 1;
    check_all();
    return depth[0];
}

static void chains_until_memory_is_gone(int depths[chains]) {
    int hold[2];
    pid_t holder = hold_memory(16, hold);
    // After this first one the first process has copied what it shared with the holder and writes.
    depths[0] = depth_of_chain(3);
    for (int n = 0; n < chains; ++n) depths[n] = depth_of_chain(max_depth - 2);
    close(hold[1]);
    wait_for(holder);
    // Equal but for the very last process. Parent and child share tables until one of them writes; who takes its turn
    // when, or whether both copy at once on two harts, decides whether the last frames are enough for one more.
    for (int n = 1; n < chains; ++n) {
        CHECK(abs(depths[n] - depths[0]) <= 1, "a chain's depth differs from the first's by", depths[n] - depths[0]);
    }
}

static uint64_t free_frames(void) {
    struct sysinfo info;
    CHECK(sysinfo(&info) == 0, "sysinfo", 0);
    return (uint64_t)info.freeram * info.mem_unit / page;
}

static int on_ox(void) {
    struct utsname name;
    return uname(&name) == 0 && strcmp(name.sysname, "ox") == 0;
}

static void start(const char* path, unsigned char* stack_areas) {
    self_path = strchr(path, '/') != NULL ? path : "/proc/self/exe";
    self_file = open(self_path, O_RDONLY);
    CHECK(self_file >= 0 && fstat(self_file, &self_status) == 0, "cannot open my own file", 0);
    CHECK(read(self_file, known_bytes, sizeof known_bytes) == sizeof known_bytes, "my own file", 0);
    CHECK(uname(&self_uname) == 0, "uname", 0);
    CHECK(pipe2(report_pipe, O_CLOEXEC) == 0 && pipe2(chain_pipe, O_CLOEXEC) == 0, "pipe2", 0);
    // Once read, the zeros are there when no memory is.
    for (int n = 0; n < 16; ++n) CHECK(((volatile unsigned char*)full)[n * page] == 0, "zeros", n);
    make_areas(stack_areas);
}

int main(int argc, char** argv) {
    _Alignas(page) unsigned char stack_areas[areas_of_a_kind * page];
    int rounds = argc > 1 ? atoi(argv[1]) : 2;
    int ox = on_ox();
    int depths[chains] = {0};
    uint64_t frames_before = 0;
    start(argv[0], stack_areas);
    for (int round = 0; round < rounds; ++round) {
        // Not the first process itself: it stays as it is, so that all rounds begin alike.
        wait_for(fork_generation());
        if (ox) {
            touch_until_killed();
            chains_until_memory_is_gone(depths);
        }
        collect(&counts);
        // What the first process needs for itself it has after the first round.
        if (round == 0) frames_before = free_frames();
    }
    uint64_t frames_after = free_frames();
    printf(
        "torture: rounds=%d processes=%u user_writes=%u kernel_writes=%u failed_forks=%u killed=%u chains=%d,%d,%d "
        "frames=%llu,%llu\n",
        rounds, counts.processes, counts.user_writes, counts.kernel_writes, counts.failed_forks, counts.killed,
        depths[0], depths[1], depths[2], (unsigned long long)frames_before, (unsigned long long)frames_after);
    if (ox) {
        CHECK(frames_before == frames_after, "frames are missing:", (long)(frames_before - frames_after));
        CHECK(rounds == 0 || (counts.failed_forks > 0 && counts.killed > 0), "memory was never gone", 0);
    }
    return 0;
}
