// One look at each of the other system calls: it does what Linux does.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static void pipes_and_descriptors(void) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    struct iovec parts[2] = {{"one ", 4}, {"two", 3}};
    CHECK(writev(ends[1], parts, 2) == 7);
    int copy = dup(ends[0]);
    char text[16] = {0};
    CHECK(copy > ends[1] && read(copy, text, sizeof text) == 7 && strcmp(text, "one two") == 0);
    CHECK(dup3(ends[1], 20, O_CLOEXEC) == 20 && write(20, "x", 1) == 1 && read(ends[0], text, 1) == 1);
    CHECK(dup3(ends[1], ends[1], 0) == -1 && errno == EINVAL);
    CHECK(lseek(ends[0], 0, SEEK_SET) == -1 && errno == ESPIPE);
    CHECK(ioctl(ends[0], TIOCGWINSZ, text) == -1 && errno == ENOTTY);
    close(ends[1]);
    close(20);
    CHECK(read(ends[0], text, 1) == 0);
    CHECK(close(ends[0]) == 0 && close(ends[0]) == -1 && errno == EBADF);
    CHECK(write(99, "x", 1) == -1 && errno == EBADF);
}

static void files(void) {
    int file = open("/calls", O_RDONLY);
    char magic[4];
    CHECK(file >= 0 && read(file, magic, 4) == 4 && memcmp(magic, "\177ELF", 4) == 0);
    CHECK(lseek(file, 1, SEEK_SET) == 1 && read(file, magic, 3) == 3 && memcmp(magic, "ELF", 3) == 0);
    CHECK(lseek(file, 0, SEEK_END) > 4096 && read(file, magic, 1) == 0);
    CHECK(lseek(file, -1, SEEK_SET) == -1 && errno == EINVAL);
    CHECK(close(file) == 0);
    CHECK(open("/nosuch", O_RDONLY) == -1 && errno == ENOENT);
}

static void times(void) {
    struct timespec before, after, nap = {0, 20 * 1000 * 1000};
    CHECK(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
    CHECK(nanosleep(&nap, 0) == 0);
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, 0) == 0);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &after) == 0);
    long passed = (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec;
    CHECK(passed >= 40 * 1000 * 1000);
    nap.tv_nsec = -1;
    CHECK(nanosleep(&nap, 0) == -1 && errno == EINVAL);
}

static void processes(void) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(ends[1]);
        char byte;
        for (;;) read(ends[0], &byte, 1), sched_yield();
    }
    CHECK(getpid() != child && gettid() == getpid());
    CHECK(kill(child, 0) == 0);
    int status;
    CHECK(waitpid(child, &status, WNOHANG) == 0);
    CHECK(kill(child, SIGTERM) == 0);
    CHECK(waitpid(-1, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    CHECK(waitpid(-1, &status, 0) == -1 && errno == ECHILD);
    CHECK(kill(child, SIGTERM) == -1 && errno == ESRCH);
    CHECK(kill(getpid(), 200) == -1 && errno == EINVAL);
}

static void system_information(void) {
    struct utsname name;
    CHECK(uname(&name) == 0 && strcmp(name.machine, "riscv64") == 0);
    struct sysinfo info;
    CHECK(sysinfo(&info) == 0 && info.totalram > info.freeram && info.freeram > 0);
}

int main(void) {
    pipes_and_descriptors();
    files();
    times();
    processes();
    system_information();
    return 0;
}
