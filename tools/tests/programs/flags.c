// Every flag, option and kind of every call, one on each line: ox carries it out or refuses it with one of Linux's
// errors, but never ignores it. Other programs test what a flag does; this one checks that none is missing.
#include "folder.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

// ox and Linux carry it out.
#define DONE(call) CHECK((long)(call) != -1)
// ox and Linux refuse it.
#define REFUSED(call, error) CHECK_ERROR(call, error)
// ox refuses it; Linux, or some version of it, carries it out.
#define ONLY_OX_REFUSES(call, error)           \
    do {                                       \
        if (on_ox()) CHECK_ERROR(call, error); \
    } while (0)

enum { FREE_BIT = 1 << 30 };  // a bit that only open knows

static int opened(int flags) {
    const int fd = open("f", flags, 0600);
    if (fd >= 0) close(fd);
    return fd;
}

static void of_open(void) {
    DONE(opened(O_RDONLY | O_CREAT));
    REFUSED(opened(O_RDONLY | O_CREAT | O_EXCL), EEXIST);
    DONE(opened(O_WRONLY | O_TRUNC));
    DONE(opened(O_RDWR | O_APPEND));
    DONE(opened(O_NONBLOCK | O_CLOEXEC));
    REFUSED(opened(O_DIRECTORY), ENOTDIR);
    DONE(opened(O_NOFOLLOW));
    DONE(opened(O_NOCTTY));
    DONE(opened(O_RDWR | O_SYNC));
    DONE(opened(O_RDWR | O_DSYNC));
    DONE(opened(O_RDWR | O_LARGEFILE));
    ONLY_OX_REFUSES(opened(O_DIRECT), EINVAL);
    ONLY_OX_REFUSES(opened(O_PATH), EINVAL);
    ONLY_OX_REFUSES(opened(O_ACCMODE), EINVAL);
    ONLY_OX_REFUSES(open(".", O_RDWR | O_TMPFILE, 0600), EOPNOTSUPP);
    ONLY_OX_REFUSES(open("new", O_RDWR | O_CREAT | O_DIRECTORY, 0600), EINVAL);
}

static void of_descriptors(void) {
    const int fd = open("f", O_RDWR);
    int p[2];
    DONE(pipe2(p, O_CLOEXEC | O_NONBLOCK));
    REFUSED(pipe2(p, FREE_BIT), EINVAL);
    ONLY_OX_REFUSES(pipe2(p, O_DIRECT), EINVAL);
    DONE(dup3(fd, 20, O_CLOEXEC));
    REFUSED(dup3(fd, 20, O_NONBLOCK), EINVAL);
    REFUSED(dup3(fd, fd, 0), EINVAL);
    CHECK(fcntl(fd, F_DUPFD, 30) == 30 && fcntl(fd, F_DUPFD_CLOEXEC, 31) == 31);
    CHECK(fcntl(30, F_GETFD) == 0 && fcntl(31, F_GETFD) == FD_CLOEXEC);
    DONE(fcntl(fd, F_SETFD, FD_CLOEXEC));
    DONE(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
    CHECK((fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK)) == (O_RDWR | O_APPEND | O_NONBLOCK));
    ONLY_OX_REFUSES(fcntl(fd, F_SETFL, O_DIRECT), EINVAL);
    ONLY_OX_REFUSES(fcntl(fd, F_SETFL, O_ASYNC), EINVAL);
    DONE(fcntl(p[0], F_GETPIPE_SZ));
    ONLY_OX_REFUSES(fcntl(p[0], F_SETPIPE_SZ, 65536), EINVAL);
    REFUSED(fcntl(fd, 9999), EINVAL);  // for locks see flock.c and record_locks.c
    DONE(lseek(fd, 0, SEEK_SET));
    DONE(lseek(fd, 0, SEEK_CUR));
    DONE(lseek(fd, 0, SEEK_END));
    ONLY_OX_REFUSES(lseek(fd, 0, SEEK_DATA), EINVAL);
    REFUSED(lseek(fd, 0, 99), EINVAL);
    REFUSED(ioctl(fd, 0x12345678, 0), ENOTTY);
    for (int i = 20; i < 32; ++i) close(i);
    close(fd), close(p[0]), close(p[1]);
}

static void of_paths(void) {
    struct stat status;
    DONE(symlink("f", "link"));
    DONE(fstatat(AT_FDCWD, "link", &status, AT_SYMLINK_NOFOLLOW));
    CHECK(S_ISLNK(status.st_mode));
    DONE(fstatat(AT_FDCWD, "f", &status, AT_NO_AUTOMOUNT));
    DONE(fstatat(AT_FDCWD, "", &status, AT_EMPTY_PATH));
    REFUSED(syscall(SYS_newfstatat, AT_FDCWD, "f", &status, FREE_BIT), EINVAL);
    REFUSED(syscall(SYS_newfstatat, AT_FDCWD, "f", &status, AT_REMOVEDIR), EINVAL);
    DONE(syscall(SYS_faccessat2, AT_FDCWD, "f", R_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW));
    DONE(syscall(SYS_faccessat2, AT_FDCWD, "", R_OK, AT_EMPTY_PATH));
    REFUSED(syscall(SYS_faccessat2, AT_FDCWD, "f", R_OK, FREE_BIT), EINVAL);
    REFUSED(syscall(SYS_faccessat, AT_FDCWD, "f", 8), EINVAL);
    DONE(linkat(AT_FDCWD, "link", AT_FDCWD, "f2", AT_SYMLINK_FOLLOW));
    CHECK(status_at("f").st_nlink == 2);
    REFUSED(linkat(AT_FDCWD, "f", AT_FDCWD, "f3", FREE_BIT), EINVAL);
    REFUSED(linkat(AT_FDCWD, "f", AT_FDCWD, "f3", AT_SYMLINK_NOFOLLOW), EINVAL);
    REFUSED(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "f2", RENAME_NOREPLACE), EEXIST);
    ONLY_OX_REFUSES(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "f2", RENAME_EXCHANGE), EINVAL);
    REFUSED(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "f2", FREE_BIT), EINVAL);
    DONE(mkdir("d", 0700));
    REFUSED(unlinkat(AT_FDCWD, "d", 0), EISDIR);
    REFUSED(unlinkat(AT_FDCWD, "d", FREE_BIT), EINVAL);
    DONE(unlinkat(AT_FDCWD, "d", AT_REMOVEDIR));
    REFUSED(mknod("n", S_IFDIR | 0600, 0), EPERM);
    REFUSED(mknod("n", S_IFLNK | 0600, 0), EINVAL);
    ONLY_OX_REFUSES(mknod("n", S_IFSOCK | 0600, 0), EPERM);
    DONE(mknod("n", S_IFIFO | 0600, 0));
    CHECK(S_ISFIFO(status_at("n").st_mode) && unlink("n") == 0);
    DONE(fchownat(AT_FDCWD, "link", getuid(), (gid_t)-1, AT_SYMLINK_NOFOLLOW));
    REFUSED(fchownat(AT_FDCWD, "f", (uid_t)-1, (gid_t)-1, FREE_BIT), EINVAL);
    DONE(utimensat(AT_FDCWD, "link", NULL, AT_SYMLINK_NOFOLLOW));
    REFUSED(utimensat(AT_FDCWD, "f", NULL, FREE_BIT), EINVAL);
    const struct timespec bad[2] = {{0, 1000000000}, {0, 0}};
    REFUSED(utimensat(AT_FDCWD, "f", bad, 0), EINVAL);
    CHECK(unlink("link") == 0 && unlink("f2") == 0);
}

static int mapped(int prot, int flags) {
    void* const memory = mmap(NULL, PAGE, prot, flags, -1, 0);
    if (memory == MAP_FAILED) return -1;
    CHECK(munmap(memory, PAGE) == 0);
    return 0;
}

static void of_memory(void) {
    const int private = MAP_PRIVATE | MAP_ANONYMOUS;
    DONE(mapped(PROT_READ, private));
    DONE(mapped(PROT_NONE, MAP_SHARED | MAP_ANONYMOUS));
    DONE(mapped(PROT_READ, private | MAP_NORESERVE | MAP_STACK));
    DONE(mapped(PROT_READ, private | MAP_POPULATE));
    DONE(mapped(PROT_READ, private | MAP_LOCKED));
    REFUSED(mapped(PROT_READ, MAP_ANONYMOUS), EINVAL);
    ONLY_OX_REFUSES(mapped(PROT_READ, MAP_SHARED_VALIDATE | MAP_ANONYMOUS), EINVAL);
    ONLY_OX_REFUSES(mapped(PROT_READ, private | MAP_GROWSDOWN), EINVAL);
    ONLY_OX_REFUSES(mapped(PROT_READ, private | MAP_HUGETLB), EINVAL);
    ONLY_OX_REFUSES(mapped(PROT_READ, private | FREE_BIT), EINVAL);
    char* const memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, private, -1, 0);
    REFUSED(mmap(memory, PAGE, PROT_READ, private | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
    CHECK(mmap(memory, PAGE, PROT_READ | PROT_WRITE, private | MAP_FIXED, -1, 0) == memory);
    REFUSED(mprotect(memory, PAGE, 1 << 20), EINVAL);
    REFUSED(mprotect(memory, PAGE, PROT_READ | PROT_GROWSDOWN), EINVAL);
    REFUSED(syscall(SYS_mremap, memory, PAGE, PAGE, FREE_BIT), EINVAL);
    ONLY_OX_REFUSES(syscall(SYS_mremap, memory, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, memory + PAGE), EINVAL);
    DONE(msync(memory, PAGE, MS_ASYNC | MS_INVALIDATE));
    DONE(msync(memory, PAGE, MS_SYNC));
    REFUSED(msync(memory, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    REFUSED(msync(memory, PAGE, FREE_BIT), EINVAL);

    for (int advice = 0; advice < 30; ++advice) {
        const int granted = advice <= MADV_DONTNEED || advice == MADV_DOFORK || advice == MADV_DONTDUMP ||
                            advice == MADV_DODUMP || advice == 19 /* MADV_KEEPONFORK */;
        if (granted) DONE(madvise(memory, PAGE, advice));
        if (!granted) ONLY_OX_REFUSES(madvise(memory, PAGE, advice), EINVAL);
    }
    for (int advice = 5; advice < 8; ++advice) REFUSED(madvise(memory, PAGE, advice), EINVAL);
    REFUSED(madvise(memory, PAGE, -1), EINVAL);
    REFUSED(madvise(memory, 0, 1000), EINVAL);
    CHECK(munmap(memory, 2 * PAGE) == 0);
}

static long clone_call(unsigned long flags) { return syscall(SYS_clone, flags, NULL, NULL, NULL, NULL); }

static void of_processes(void) {
    REFUSED(clone_call(CLONE_THREAD | SIGCHLD), EINVAL);
    ONLY_OX_REFUSES(clone_call(0), EINVAL);
    ONLY_OX_REFUSES(clone_call(SIGUSR1), EINVAL);
    const unsigned long kinds[] = {CLONE_VM,
                                   CLONE_VFORK,
                                   CLONE_FS,
                                   CLONE_FILES,
                                   CLONE_PARENT,
                                   CLONE_NEWPID,
                                   CLONE_VM | CLONE_VFORK | CLONE_CHILD_CLEARTID};
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; ++i) ONLY_OX_REFUSES(clone_call(kinds[i] | SIGCHLD), EINVAL);

    int status;
    siginfo_t info;
    const pid_t child = fork();
    if (child == 0) _exit(3);
    CHECK(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0 && info.si_pid == child);
    REFUSED(waitpid(child, &status, __WCLONE), ECHILD);
    REFUSED(waitid(P_PID, (id_t)child, &info, WEXITED | __WCLONE), ECHILD);
    REFUSED(waitpid(child, &status, FREE_BIT >> 2), EINVAL);
    REFUSED(waitpid(child, &status, WEXITED), EINVAL);
    REFUSED(waitid(P_PID, (id_t)child, &info, 0), EINVAL);
    REFUSED(waitid(99, (id_t)child, &info, WEXITED), EINVAL);
    CHECK(waitpid(child, &status, WNOHANG | WUNTRACED | WCONTINUED | __WALL | __WNOTHREAD) == child);
    REFUSED(prctl(9999, 0, 0, 0, 0), EINVAL);
    REFUSED(setpriority(3, 0, 0), EINVAL);
    REFUSED(syscall(SYS_getrusage, 99, &status), EINVAL);
}

static void of_priorities(void) {
    CHECK(setpgid(0, 0) == 0);
    int p[2];
    char c;
    CHECK(pipe(p) == 0);
    const int before = getpriority(PRIO_PROCESS, 0), after = before + 7;
    const pid_t child = fork();
    if (child == 0) _exit(read(p[0], &c, 1) == 1 && getpriority(PRIO_PROCESS, 0) == after ? 0 : 1);
    CHECK(setpriority(PRIO_PROCESS, child, before + 3) == 0);
    CHECK(getpriority(PRIO_PGRP, 0) == before && getpriority(PRIO_PROCESS, child) == before + 3);
    CHECK(setpriority(PRIO_PGRP, 0, after) == 0);
    CHECK(getpriority(PRIO_PROCESS, 0) == after && getpriority(PRIO_PGRP, getpid()) == after);
    CHECK(getpriority(PRIO_USER, 0) <= after);
    REFUSED(getpriority(PRIO_PGRP, 99999999), ESRCH);
    REFUSED(setpriority(PRIO_PROCESS, 99999999, 1), ESRCH);
    REFUSED(setpriority(PRIO_USER, 54321, 1), ESRCH);
    int status;
    CHECK(write(p[1], "x", 1) == 1 && waitpid(child, &status, 0) == child && exited_with(status, 0));
}

static uint32_t* word;
static long futex(int operation, uint32_t value, const struct timespec* timeout, uint32_t mask) {
    return syscall(SYS_futex, word, operation, value, timeout, NULL, mask);
}

static void of_futex(void) {
    const struct timespec soon = {0, 1}, far = {1 << 30, 0};
    word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REFUSED(futex(FUTEX_WAIT, 1, NULL, 0), EAGAIN);
    REFUSED(futex(FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, &soon, 0), ETIMEDOUT);
    REFUSED(futex(FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &soon, 1), ETIMEDOUT);
    REFUSED(futex(FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, 0), ENOSYS);
    REFUSED(futex(FUTEX_WAIT_BITSET, 0, NULL, 0), EINVAL);
    REFUSED(futex(FUTEX_WAKE_BITSET, 0, NULL, 0), EINVAL);
    REFUSED(futex(99, 0, NULL, 0), ENOSYS);
    // Only a thread that waits for one of the bits is woken.
    const pid_t child = fork();
    if (child == 0) _exit(futex(FUTEX_WAIT_BITSET, 0, &far, 2) == 0 ? 0 : 1);
    while (futex(FUTEX_WAKE_BITSET, 1, NULL, 4 | 2) == 0) CHECK(sched_yield() == 0);
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 0));
    const pid_t other = fork();
    if (other == 0) _exit(futex(FUTEX_WAIT_BITSET, 0, &far, 2) == 0 ? 0 : 1);
    for (int i = 0; i < 1000; ++i) CHECK(futex(FUTEX_WAKE_BITSET, 1, NULL, 4) == 0 && sched_yield() == 0);
    CHECK(waitpid(other, &status, WNOHANG) == 0);
    while (futex(FUTEX_WAKE, 1, NULL, 0) == 0) CHECK(sched_yield() == 0);
    CHECK(waitpid(other, &status, 0) == other && exited_with(status, 0));
    CHECK(munmap(word, PAGE) == 0);
}

struct kernel_action {
    void* handler;
    unsigned long flags;
#ifdef __x86_64__
    void* restorer;
#endif
    uint64_t mask;
};

static void of_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    REFUSED(sigprocmask(99, &set, NULL), EINVAL);
    // An unknown flag reads back as 0; for 0x400 Linux guarantees that (SA_UNSUPPORTED).
    const unsigned long known = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER |
                                (unsigned long)(uint32_t)SA_RESETHAND;
    struct kernel_action action = {.handler = SIG_IGN, .flags = known | 0x400 | 0x200000}, read_back;
    CHECK(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8) == 0);
    CHECK(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &read_back, 8) == 0 && read_back.flags == known);
    static char stack[1 << 16];
    DONE(sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = SS_ONSTACK}, NULL));
    REFUSED(sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 3}, NULL), EINVAL);
    REFUSED(sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 8}, NULL), EINVAL);
    DONE(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL));
}

static void of_time_and_the_machine(void) {
    struct timespec time = {0, 1};
    REFUSED(clock_gettime(99, &time), EINVAL);
    REFUSED(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &time, NULL), EOPNOTSUPP);
    ONLY_OX_REFUSES(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, &time, NULL), EOPNOTSUPP);
    REFUSED(setitimer(99, &(struct itimerval){{0, 0}, {0, 0}}, NULL), EINVAL);
    ONLY_OX_REFUSES(setitimer(ITIMER_PROF, &(struct itimerval){{0, 0}, {0, 0}}, NULL), EINVAL);
    char bytes[8];
    DONE(getrandom(bytes, 8, GRND_NONBLOCK));
    DONE(getrandom(bytes, 8, GRND_INSECURE));
    REFUSED(getrandom(bytes, 8, GRND_RANDOM | GRND_INSECURE), EINVAL);
    REFUSED(getrandom(bytes, 8, FREE_BIT), EINVAL);
}

int main(void) {
    enter_folder();
    of_open();
    of_descriptors();
    of_paths();
    of_memory();
    of_processes();
    CHECK(exited_with(status_of(of_priorities), 0));
    of_futex();
    of_signals();
    of_time_and_the_machine();
    CHECK(unlink("f") == 0);
    leave_folder();
    return 0;
}
