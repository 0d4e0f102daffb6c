// Every pointer argument of every call, with every kind of bad address: the call fails with EFAULT, and the process
// lives. qemu-riscv64 does not check some of the pointers, so the oracle is Linux.
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

// What a call does with its pointer, and how many bytes it moves.
enum use { reads, writes };
struct target {
    const char* name;
    enum use use;
    int null_is_fine;  // a null pointer is valid, and means "none"
    long size;
    long (*call)(void* pointer);
};

static int file, pipe_end[2];
static char* exe;

static long do_read(void* p) {
    lseek(file, 0, SEEK_SET);
    return read(file, p, 64);
}
static long do_read_pipe(void* p) {
    (void)!write(pipe_end[1], exe, 8);
    long result = read(pipe_end[0], p, 8);
    if (result != 8) {
        char rest[8];
        int error = errno;
        (void)!read(pipe_end[0], rest, result > 0 ? (size_t)(8 - result) : 8);
        errno = error;
    }
    return result;
}
static long do_write(void* p) {
    long result = write(pipe_end[1], p, 8);
    char rest[8];
    int error = errno;
    if (result > 0) (void)!read(pipe_end[0], rest, (size_t)result);
    errno = error;
    return result;
}
static long do_console(void* p) { return syscall(SYS_write, 1, p, 8); }
static long do_writev(void* p) { return syscall(SYS_writev, pipe_end[1], p, 1); }
static long do_openat(void* p) { return syscall(SYS_openat, AT_FDCWD, p, O_RDONLY); }
static long do_fstat(void* p) { return syscall(SYS_fstat, 1, p); }
static long do_newfstatat(void* p) { return syscall(SYS_newfstatat, AT_FDCWD, exe, p, 0); }
static long do_newfstatat_path(void* p) {
    char status[256];
    return syscall(SYS_newfstatat, AT_FDCWD, p, status, 0);
}
static long do_readlinkat(void* p) { return syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", p, 8); }
static long do_readlinkat_path(void* p) {
    char target[8];
    return syscall(SYS_readlinkat, AT_FDCWD, p, target, 8);
}
static long do_pipe2(void* p) { return syscall(SYS_pipe2, p, 0); }
static long do_uname(void* p) { return syscall(SYS_uname, p); }
static long do_sysinfo(void* p) { return syscall(SYS_sysinfo, p); }
static long do_clock_gettime(void* p) { return syscall(SYS_clock_gettime, 1, p); }
static long do_nanosleep(void* p) { return syscall(SYS_nanosleep, p, NULL); }
static long do_clock_nanosleep(void* p) { return syscall(SYS_clock_nanosleep, 1, 0, p, NULL); }
static long do_getrandom(void* p) { return syscall(SYS_getrandom, p, 8, 0); }
static long do_prlimit_get(void* p) { return syscall(SYS_prlimit64, 0, 3, NULL, p); }
static long do_execve(void* p) { return syscall(SYS_execve, p, NULL, NULL); }
static long do_execve_argv(void* p) { return syscall(SYS_execve, exe, p, NULL); }
static long do_execve_envp(void* p) {
    char* argv[] = {exe, "never", NULL};
    return syscall(SYS_execve, exe, argv, p);
}
static long do_wait4(void* p) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    return syscall(SYS_wait4, child, p, 0, NULL);
}

static const struct target targets[] = {
    {"read", writes, 0, 64, do_read},
    {"read from a pipe", writes, 0, 8, do_read_pipe},
    {"write to a pipe", reads, 0, 8, do_write},
    {"write to the console", reads, 0, 8, do_console},
    {"writev", reads, 0, 16, do_writev},
    {"openat", reads, 0, 1, do_openat},
    {"fstat", writes, 0, 128, do_fstat},
    {"newfstatat", writes, 0, 128, do_newfstatat},
    {"newfstatat's path", reads, 0, 1, do_newfstatat_path},
    {"readlinkat", writes, 0, 8, do_readlinkat},
    {"readlinkat's path", reads, 0, 1, do_readlinkat_path},
    {"pipe2", writes, 0, 8, do_pipe2},
    {"uname", writes, 0, 390, do_uname},
    {"sysinfo", writes, 0, 112, do_sysinfo},
    {"clock_gettime", writes, 0, 16, do_clock_gettime},
    {"nanosleep", reads, 0, 16, do_nanosleep},
    {"clock_nanosleep", reads, 0, 16, do_clock_nanosleep},
    {"getrandom", writes, 0, 8, do_getrandom},
    {"prlimit64", writes, 1, 16, do_prlimit_get},
    {"execve", reads, 0, 1, do_execve},
    {"execve's argv", reads, 1, 8, do_execve_argv},
    {"execve's envp", reads, 1, 8, do_execve_envp},
    {"wait4", writes, 1, 4, do_wait4},
};

static void demand_fault(const struct target* target, void* pointer, const char* kind) {
    errno = 0;
    long result = target->call(pointer);
    if (result == -1 && errno == EFAULT) return;
    printf("%s with a pointer that is %s: %ld, errno %d\n", target->name, kind, result, errno);
    exit(1);
}

int main(int argc, char** argv) {
    (void)argc;
    exe = argv[0];
    file = open(exe, O_RDONLY);
    CHECK(file >= 0 && pipe(pipe_end) == 0);
    char* edge = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(edge != MAP_FAILED && munmap(edge + PAGE, PAGE) == 0);
    char* constant = edge + 2 * PAGE;
    CHECK(mprotect(constant, PAGE, PROT_READ) == 0);

    for (unsigned n = 0; n < sizeof targets / sizeof targets[0]; ++n) {
        const struct target* t = &targets[n];
        if (!t->null_is_fine) demand_fault(t, NULL, "null");
        demand_fault(t, (void*)0xffffffff80200000u, "the kernel's text");
        demand_fault(t, (void*)0xffffffc080400000u, "the kernel's data");
        demand_fault(t, (void*)0xfffffffffffffff8u, "the last word");
        demand_fault(t, (void*)0xffffffffffffffffu, "the last byte");
        demand_fault(t, (void*)((uintptr_t)1 << 47), "no address");
        demand_fault(t, (void*)0x8000000000000000u, "no address");
        demand_fault(t, (void*)0x4000000000u, "the end of user memory");
        demand_fault(t, (void*)0x3fffffffffu, "the last byte of user memory");
        demand_fault(t, edge + PAGE, "unmapped");
        // Some calls may do a part of their work.
        int in_part = t->call == do_read || t->call == do_read_pipe || t->call == do_write || t->call == do_console ||
                      t->call == do_getrandom;
        if (t->size > 1 && !in_part) {
            memset(edge + PAGE - 4, 1, 4);
            demand_fault(t, edge + PAGE - t->size / 2, "half in a mapping");
        }
        if (t->use == writes) {
            demand_fault(t, constant, "read-only");
            demand_fault(t, (void*)&demand_fault, "text");
        }
    }

    // Reading and writing files may stop at the end of the mapping.
    memset(edge, 2, PAGE);
    CHECK_ERROR(read(file, edge + PAGE, 8), EFAULT);
    lseek(file, 0, SEEK_SET);
    long some = read(file, edge + PAGE - 32, 64);
    CHECK(some == 32 || (some == -1 && errno == EFAULT));
    // A string without an end.
    memset(edge, 'x', PAGE);
    CHECK_ERROR(open(edge + PAGE - 100, O_RDONLY), EFAULT);
    // Arrays with bad elements.
    char* bad_argv[] = {exe, (char*)16, NULL};
    CHECK_ERROR(execve(exe, bad_argv, NULL), EFAULT);
    // If wait4 could not store a status, it may have reaped the child already.
    while (wait(NULL) > 0) continue;
    return 0;
}
