// Limits that can be set are enforced: open files, the stack of the next program, the size of files, memory. Other
// limits cannot be set.
#include "folder.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>

static int set(int resource, rlim_t now, rlim_t most) { return setrlimit(resource, &(struct rlimit){now, most}); }

static void few_files(void) {
    CHECK(set(RLIMIT_NOFILE, 8, 8) == 0 && sysconf(_SC_OPEN_MAX) == 8);
    int last = 0, fd;
    while ((fd = open("/dev/null", O_RDONLY)) >= 0) last = fd;
    CHECK(errno == EMFILE && last == 7);
    CHECK_ERROR(open("new", O_RDWR | O_CREAT, 0600), EMFILE);
    CHECK_ERROR(access("new", F_OK), ENOENT);  // the failure left no file behind
    CHECK_ERROR(dup(0), EMFILE);
    CHECK_ERROR(dup2(0, 8), EBADF);
    CHECK(dup2(0, 7) == 7 && close(7) == 0);
    CHECK_ERROR(fcntl(0, F_DUPFD, 8), EINVAL);
    CHECK(fcntl(0, F_DUPFD, 5) == 7);
    CHECK_ERROR(fcntl(0, F_DUPFD, 5), EMFILE);
    struct pollfd none[9] = {{0}};
    for (int i = 0; i < 9; ++i) none[i].fd = -1;
    CHECK(poll(none, 8, 0) == 0);
    CHECK_ERROR(poll(none, 9, 0), EINVAL);
    // Descriptors above a new limit stay open.
    CHECK(set(RLIMIT_NOFILE, 4, 8) == 0 && dup2(7, 3) == 3);
    CHECK_ERROR(dup2(3, 7), EBADF);
}

static void many_files(void) {
    CHECK(set(RLIMIT_NOFILE, 1024, 1024) == 0);
    int p[2], count = 0;
    CHECK(pipe(p) == 0);
    while (dup(p[1]) >= 0) ++count;
    CHECK(errno == EMFILE && count > 900 && close(p[1]) == 0 && fcntl(1023, F_SETFD, FD_CLOEXEC) == 0);
    int status;
    pid_t child = fork();
    if (child == 0) _exit(write(1023, "x", 1) == 1 && fcntl(1023, F_GETFD) == FD_CLOEXEC ? 0 : 1);
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 0));
    struct pollfd last = {1023, POLLOUT, 0};
    CHECK(poll(&last, 1, 0) == 1 && last.revents == POLLOUT);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(p[0], &set);
    FD_SET(1000, &set);
    CHECK(select(1024, &set, NULL, NULL, NULL) == 1 && FD_ISSET(p[0], &set));
}

static volatile int sum;
__attribute__((noinline)) static void recurse(int levels) {
    volatile char page[PAGE];
    page[0] = (char)levels;
    if (levels > 1) recurse(levels - 1);
    sum += page[0];
}

static void small_stack(const char* levels) {
    CHECK(set(RLIMIT_STACK, 1 << 20, 1 << 20) == 0);
    execl("/proc/self/exe", "limits", levels, NULL);
}
static void shallow(void) { small_stack("150"); }
static void too_deep(void) { small_stack("400"); }
static void too_many_arguments(void) {
    CHECK(set(RLIMIT_STACK, 256 << 10, 256 << 10) == 0);
    static char long_word[120000];
    memset(long_word, 'x', sizeof long_word - 1);
    CHECK_ERROR(execl("/proc/self/exe", "limits", long_word, long_word, NULL), E2BIG);
}

static int signals = 0;
static void count(int signal) { signals += signal == SIGXFSZ; }

static void small_files(void) {
    static char bytes[9000];
    const int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && set(RLIMIT_FSIZE, PAGE, RLIM_INFINITY) == 0);
    signal(SIGXFSZ, count);
    CHECK(write(fd, bytes, sizeof bytes) == PAGE && signals == 0);
    CHECK_ERROR(write(fd, bytes, 1), EFBIG);
    CHECK_ERROR(pwrite(fd, bytes, 1, PAGE), EFBIG);
    CHECK(signals == 2 && write(fd, bytes, 0) == 0 && pwrite(fd, bytes, 10, PAGE - 4) == 4);
    CHECK_ERROR(ftruncate(fd, PAGE + 1), EFBIG);
    CHECK(signals == 3 && ftruncate(fd, PAGE) == 0);
    CHECK(fcntl(fd, F_SETFL, O_APPEND) == 0);
    CHECK_ERROR(write(fd, bytes, 1), EFBIG);
    // A file that is larger than the limit can be written inside its size, and cut to a size that is still too large.
    CHECK(set(RLIMIT_FSIZE, 100, RLIM_INFINITY) == 0 && ftruncate(fd, 2000) == 0);
    int p[2];
    CHECK(pipe(p) == 0 && write(p[1], bytes, 200) == 200);  // a pipe is no file, so the limit does not apply
    signal(SIGXFSZ, SIG_DFL);
    (void)!write(fd, bytes, 1);
    _exit(1);
}

static void little_memory(void) {
    const size_t size = 16 << 20;
    char* const before = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(before != MAP_FAILED && set(RLIMIT_AS, 24 << 20, RLIM_INFINITY) == 0);
    CHECK_ERROR(mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    CHECK_ERROR(mremap(before, size, 2 * size, MREMAP_MAYMOVE), ENOMEM);
    CHECK_ERROR(sbrk((intptr_t)size), ENOMEM);
    CHECK(mmap(before, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == before);
    CHECK(munmap(before, size) == 0);
    CHECK(mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static void the_others_are_refused(void) {
    struct rlimit limit;
    CHECK_ERROR(set(RLIMIT_CPU, 2, 1), EINVAL);
    CHECK_ERROR(getrlimit(16, &limit), EINVAL);
    CHECK_ERROR(set(16, 1, 1), EINVAL);
    CHECK_ERROR(set(RLIMIT_NOFILE, 8, 1 << 30), EPERM);
    if (!on_ox()) return;
    for (int resource = 0; resource < 16; ++resource) {
        CHECK(getrlimit(resource, &limit) == 0 && setrlimit(resource, &limit) == 0);
        const int kept = resource == RLIMIT_FSIZE || resource == RLIMIT_STACK || resource == RLIMIT_CORE ||
                         resource == RLIMIT_NOFILE || resource == RLIMIT_AS;
        if (!kept) CHECK_ERROR(set(resource, 1000, 1000), EPERM);
    }
    CHECK_ERROR(set(RLIMIT_STACK, 8 << 20, RLIM_INFINITY), EPERM);
    CHECK_ERROR(set(RLIMIT_NOFILE, 8, 1025), EPERM);
}

int main(int argc, char** argv) {
    if (argc > 1) {
        struct rlimit limit;
        CHECK(getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur == 1 << 20);
        recurse(atoi(argv[1]));
        return 0;
    }
    enter_folder();
    CHECK(exited_with(status_of(few_files), 0));
    CHECK(exited_with(status_of(many_files), 0));
    CHECK(exited_with(status_of(shallow), 0));
    CHECK(killed_by(status_of(too_deep), SIGSEGV));
    CHECK(exited_with(status_of(too_many_arguments), 0));
    CHECK(killed_by(status_of(small_files), SIGXFSZ) && unlink("f") == 0);
    CHECK(exited_with(status_of(little_memory), 0));
    CHECK(exited_with(status_of(the_others_are_refused), 0));
    leave_folder();
    return 0;
}
