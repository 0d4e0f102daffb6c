// Calls that write a structure to user memory write nothing else: not one byte behind it, and in the padding between
// its fields, and in fields that mean nothing here, only zeros. Otherwise those bytes would be the kernel's secrets.
#include "folder.h"

#include <dirent.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

enum { ROOM = 1024 };
static _Alignas(16) unsigned char bytes[ROOM];
static int file;
static const struct timespec at_once;

static pid_t ended_child(void) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    return child;
}
static long take(int code) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    CHECK((code == SI_QUEUE ? sigqueue(getpid(), SIGUSR1, (union sigval){0}) : kill(getpid(), SIGUSR1)) == 0);
    return syscall(SYS_rt_sigtimedwait, &set, bytes, &at_once, 8);
}
// A child has the lock that the parent asks for.
static long ask_for_a_lock(void) {
    struct flock* const lock = (struct flock*)bytes;
    int p[2];
    char c;
    CHECK(pipe(p) == 0);
    const pid_t child = fork();
    if (child == 0) {
        CHECK(fcntl(file, F_SETLK, &(struct flock){.l_type = F_WRLCK, .l_len = 1}) == 0 && write(p[1], "x", 1) == 1);
        for (;;) pause();
    }
    CHECK(read(p[0], &c, 1) == 1);
    lock->l_type = F_WRLCK;
    lock->l_whence = SEEK_SET;
    lock->l_start = lock->l_len = 0;
    const long result = fcntl(file, F_GETLK, lock);
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
    CHECK(close(p[0]) == 0 && close(p[1]) == 0 && lock->l_type == F_WRLCK && lock->l_pid == child);
    return result;
}
static long sigaction_of_nothing(void) { return syscall(SYS_rt_sigaction, SIGUSR2, NULL, bytes, 8); }
static long set_a_timer(void) { return setitimer(ITIMER_REAL, &(struct itimerval){0}, (void*)bytes); }
static long set_and_get_name(void) {
    CHECK(prctl(PR_SET_NAME, "fifteen letters") == 0 && prctl(PR_SET_NAME, "ab") == 0);
    return prctl(PR_GET_NAME, bytes);
}

#ifdef __x86_64__
enum { ACTION = 32 };
#else
enum { ACTION = 24 };
#endif
#define END(type, field) (offsetof(type, field) + sizeof(((type*)0)->field))
#define DO(...) syscall(__VA_ARGS__)

// call, how many bytes it writes, from where to where they mean nothing, the call
#define CALLS(X)                                                                                              \
    X(fstat, sizeof(struct stat), END(struct stat, st_ctim), sizeof(struct stat), DO(SYS_fstat, file, bytes)) \
    X(statfs, sizeof(struct statfs), offsetof(struct statfs, f_spare), sizeof(struct statfs),                 \
      DO(SYS_statfs, "/", bytes))                                                                             \
    X(sysinfo, sizeof(struct sysinfo), END(struct sysinfo, procs), offsetof(struct sysinfo, totalhigh),       \
      DO(SYS_sysinfo, bytes))                                                                                 \
    X(uname, sizeof(struct utsname), 6, 65, DO(SYS_uname, bytes))                                             \
    X(getrusage, sizeof(struct rusage), 144, 144, DO(SYS_getrusage, RUSAGE_SELF, bytes))                      \
    X(wait4_status, 4, 4, 4, DO(SYS_wait4, ended_child(), bytes, 0, NULL))                                    \
    X(wait4_usage, sizeof(struct rusage), 144, 144, DO(SYS_wait4, ended_child(), NULL, 0, bytes))             \
    X(waitid, 128, 28, 128, DO(SYS_waitid, P_PID, ended_child(), bytes, WEXITED, NULL))                       \
    X(waitid_pad, 128, 12, 16, DO(SYS_waitid, P_PID, ended_child(), bytes, WEXITED, NULL))                    \
    X(sigtimedwait, 128, 24, 128, take(SI_USER))                                                              \
    X(sigtimedwait_queued, 128, 32, 128, take(SI_QUEUE))                                                      \
    X(sigtimedwait_pad, 128, 12, 16, take(SI_QUEUE))                                                          \
    X(sigaction, ACTION, 0, ACTION, sigaction_of_nothing())                                                   \
    X(sigaltstack, 24, 12, 16, DO(SYS_sigaltstack, NULL, bytes))                                              \
    X(sigprocmask, 8, 8, 8, DO(SYS_rt_sigprocmask, SIG_BLOCK, NULL, bytes, 8))                                \
    X(sigpending, 4, 4, 4, DO(SYS_rt_sigpending, bytes, 4))                                                   \
    X(getlk, sizeof(struct flock), 4, 8, ask_for_a_lock())                                                    \
    X(getlk_end, sizeof(struct flock), 28, 32, ask_for_a_lock())                                              \
    X(pipe2, 8, 8, 8, DO(SYS_pipe2, bytes, 0))                                                                \
    X(times, sizeof(struct tms), 32, 32, DO(SYS_times, bytes))                                                \
    X(clock_gettime, 16, 16, 16, DO(SYS_clock_gettime, CLOCK_MONOTONIC, bytes))                               \
    X(clock_getres, 16, 16, 16, DO(SYS_clock_getres, CLOCK_MONOTONIC, bytes))                                 \
    X(getitimer, 32, 0, 32, DO(SYS_getitimer, ITIMER_REAL, bytes))                                            \
    X(setitimer, 32, 0, 32, set_a_timer())                                                                    \
    X(prlimit64, 16, 16, 16, DO(SYS_prlimit64, 0, RLIMIT_STACK, NULL, bytes))                                 \
    X(prctl_name, 16, 2, 16, set_and_get_name())                                                              \
    X(getresuid, 4, 4, 4, DO(SYS_getresuid, bytes, (int[1]){0}, (int[1]){0}))                                 \
    X(getcwd, sizeof folder, 15, 15, DO(SYS_getcwd, bytes, ROOM))                                             \
    X(readlinkat, 5, 5, 5, DO(SYS_readlinkat, AT_FDCWD, "link", bytes, ROOM))                                 \
    X(fionread, 4, 4, 4, DO(SYS_ioctl, file, FIONREAD, bytes))                                                \
    X(read, 3, 3, 3, DO(SYS_pread64, file, bytes, ROOM, 0))                                                   \
    X(getrandom, 7, 7, 7, DO(SYS_getrandom, bytes, 7, 0))

#define TERMINAL_CALLS(X)                                       \
    X(tcgets, 36, 36, 36, DO(SYS_ioctl, 0, TCGETS, bytes))      \
    X(tcgets2, 44, 44, 44, DO(SYS_ioctl, 0, 0x802c542a, bytes)) \
    X(tiocgwinsz, 8, 8, 8, DO(SYS_ioctl, 0, TIOCGWINSZ, bytes))

#define FUNCTION(name, size, from, to, call) \
    static long do_##name(void) { return call; }
CALLS(FUNCTION)
TERMINAL_CALLS(FUNCTION)

struct call {
    const char* name;
    size_t size, from, to;
    long (*function)(void);
};

static void fail(const struct call* call, size_t at, const char* what) {
    printf("%s: byte %zu, %02x, is %s\n", call->name, at, bytes[at], what);
    exit(1);
}

// A word that looks like an address of the kernel.
static int is_the_kernels(uint64_t word) { return word >= 0xffff800000000000u && word < -65536ul; }

static void check_call(const struct call* call) {
    for (int pattern = 0x5a; pattern <= 0xa5; pattern += 0xa5 - 0x5a) {
        memset(bytes, pattern, ROOM);
        if (call->function() < 0) fail(call, 0, "not written");
        for (size_t i = call->size; i < ROOM; ++i) {
            if (bytes[i] != pattern) fail(call, i, "behind the structure");
        }
        for (size_t i = call->from; i < call->to; ++i) {
            if (bytes[i] != pattern && bytes[i] != 0) fail(call, i, "neither zero nor as it was");
        }
        for (size_t i = 0; i + 8 <= call->size; i += 8) {
            uint64_t word;
            memcpy(&word, bytes + i, 8);
            if (is_the_kernels(word) && bytes[i] != pattern) fail(call, i, "part of an address of the kernel");
        }
    }
}

static void check_entries_of_a_folder(void) {
    const int fd = open(".", O_RDONLY | O_DIRECTORY);
    memset(bytes, 0x5a, ROOM);
    const long size = syscall(SYS_getdents64, fd, bytes, ROOM);
    CHECK(size > 0 && size < ROOM && close(fd) == 0);
    for (size_t at = 0; at < (size_t)size; at += ((struct dirent64*)(bytes + at))->d_reclen) {
        const struct dirent64* const entry = (struct dirent64*)(bytes + at);
        for (size_t i = offsetof(struct dirent64, d_name) + strlen(entry->d_name); i < entry->d_reclen; ++i) {
            CHECK(bytes[at + i] == 0 || bytes[at + i] == 0x5a);
        }
    }
    for (size_t i = (size_t)size; i < ROOM; ++i) CHECK(bytes[i] == 0x5a);
}

// All of the signal's frame, which is on a stack of its own.
static _Alignas(16) unsigned char stack[16 * PAGE];
static void look(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)context;
    for (size_t i = offsetof(siginfo_t, si_uid) + 4; i < sizeof *info; ++i) CHECK(((unsigned char*)info)[i] == 0);
    CHECK(((uint32_t*)info)[3] == 0);
#ifdef __riscv
    const ucontext_t* const c = context;
    const uint64_t* const end = (uint64_t*)(c + 1);
    for (const uint64_t* word = (uint64_t*)info; word < end; ++word) CHECK(!is_the_kernels(*word));
    CHECK(c->__uc_flags == 0 && c->uc_link == NULL && (unsigned char*)end <= stack + sizeof stack);
    for (const uint32_t* word = (uint32_t*)&c->uc_mcontext.__fpregs.__d.__fcsr + 1; word < (uint32_t*)end; ++word) {
        CHECK(*word == 0 || *word == 0x5a5a5a5a);
    }
#endif
}
static void check_the_frame_of_a_signal(void) {
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    action.sa_sigaction = look;
    memset(stack, 0x5a, sizeof stack);
    CHECK(sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL) == 0);
    CHECK(sigaction(SIGUSR2, &action, NULL) == 0 && kill(getpid(), SIGUSR2) == 0);
    for (size_t i = 0; i < PAGE; ++i) CHECK(stack[i] == 0x5a);
}

int main(void) {
    enter_folder();
    file = open("f", O_RDWR | O_CREAT, 0600);
    CHECK(file >= 0 && write(file, "abc", 3) == 3 && symlink("there", "link") == 0);
    CHECK(close(open("odd name", O_RDWR | O_CREAT, 0600)) == 0);
#define ROW(name, size, from, to, call) {#name, size, from, to, do_##name},
    const struct call calls[] = {CALLS(ROW)}, terminal_calls[] = {TERMINAL_CALLS(ROW)};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; ++i) check_call(&calls[i]);
    for (size_t i = 0; isatty(0) && i < sizeof terminal_calls / sizeof *terminal_calls; ++i)
        check_call(&terminal_calls[i]);
    check_entries_of_a_folder();
    check_the_frame_of_a_signal();
    CHECK(unlink("f") == 0 && unlink("link") == 0 && unlink("odd name") == 0);
    leave_folder();
    return 0;
}
