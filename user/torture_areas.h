// Where torture writes and how: areas in every kind of memory, each with a checksum, and the *doors*, which are the
// ways by which bytes get there.
#pragma once

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

// An area is as large as a page. Areas in data and bss are not aligned, so each lies in two pages, beside other
// variables.
static unsigned char* area[areas];
static uint64_t checksum[areas];
static unsigned char data_areas[areas_of_a_kind * page] = {1};
static unsigned char bss_areas[areas_of_a_kind * page];

static const char* self_path;  // this program's file,
static int self_file;
static unsigned char known_bytes[256];  // the file's first bytes,
static struct stat self_status;         // and fstat's answer for it
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
    // Mapped, read-only and zero areas lie side by side, so they share tables but have different permissions.
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

// --- doors: ways to write some bytes at `to`. If the kernel's write is the first one there, the kernel must copy the
// page.

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

// The raw fork system call. The kernel also stores the child's pid at `child_tid`, if that is not null.
static long raw_fork(void* child_tid) {
    unsigned long flags = SIGCHLD | (child_tid != NULL ? CLONE_CHILD_SETTID : 0);
#ifdef __x86_64__  // where the last two arguments have the other order
    return syscall(SYS_clone, flags, 0, 0, child_tid, 0);
#else
    return syscall(SYS_clone, flags, 0, 0, 0, child_tid);
#endif
}

// The kernel stores the child's pid in the child's copy of the area; the parent's area must not change.
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
    // Half of all writes are plain stores: they are cheap, and the most common in real programs.
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
