// /proc/PID in Linux's format: what a process reads about itself, and what others read about it, until it ends.
#include "proc.h"

#include <dirent.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

static char state_of(pid_t pid) { return strrchr(of_process(pid, "stat"), ')')[2]; }

static void wait_for_state(pid_t pid, char state) {
    while (state_of(pid) != state) usleep(1000);
}

static void test_stat(void) {
    CHECK(prctl(PR_SET_NAME, "a (b) c") == 0);
    CHECK(strcmp(of_process(getpid(), "comm"), "a (b) c\n") == 0);
    char expected[256];
    snprintf(expected, sizeof expected, "%d (a (b) c) R %d %d %d ", getpid(), getppid(), getpgrp(), getsid(0));
    const char* stat = of_process(getpid(), "stat");
    CHECK(strncmp(stat, expected, strlen(expected)) == 0);
    int fields = 3;  // `at` begins at the state, which is field 3
    long size = 0, resident = 0;
    for (const char* at = strrchr(stat, ')') + 2; (at = strchr(at, ' ')) != NULL; ++at) {
        ++fields;
        if (fields == 23) size = atol(at + 1);
        if (fields == 24) resident = atol(at + 1);
    }
    CHECK(fields == 52 && size > resident * PAGE && resident > 10);
    long pages, in_memory;
    CHECK(sscanf(of_process(getpid(), "statm"), "%ld %ld", &pages, &in_memory) == 2);
    CHECK(pages == size / PAGE && in_memory > 10);
    const char* status = of_process(getpid(), "status");
    CHECK(strncmp(status, "Name:\ta (b) c\n", 14) == 0 && strstr(status, "\nState:\tR (running)\n") != NULL);
    CHECK(number_in(status, "Pid:") == getpid() && number_in(status, "PPid:") == getppid());
    CHECK(number_in(status, "VmSize:") == size / 1024 && number_in(status, "Threads:") == 1);
}

static void test_signals(void) {
    sigset_t blocked;
    CHECK(sigemptyset(&blocked) == 0 && sigaddset(&blocked, SIGUSR2) == 0);
    CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR && sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
    const char* status = of_process(getpid(), "status");
    CHECK(strtoull(strstr(status, "SigIgn:\t") + 8, NULL, 16) >> (SIGUSR1 - 1) & 1);
    CHECK(strtoull(strstr(status, "SigBlk:\t") + 8, NULL, 16) >> (SIGUSR2 - 1) & 1);
    CHECK(strstr(status, "SigCgt:\t0000000") != NULL);
}

// Checks the line "start-end flags offset major:minor inode path" of the region at `address`.
static void check_region(const void* address, long size, const char* flags, long offset, const struct stat* file,
                         const char* path) {
    char start[32], expected[256];
    snprintf(start, sizeof start, "%08lx-%08lx ", (unsigned long)address, (unsigned long)address + (unsigned long)size);
    const char* line = strstr(of_process(getpid(), "maps"), start);
    CHECK(line != NULL);
    int length = snprintf(expected, sizeof expected, "%s%s %08lx %02x:%02x %lu ", start, flags, offset,
                          file != NULL ? major(file->st_dev) : 0, file != NULL ? minor(file->st_dev) : 0,
                          file != NULL ? file->st_ino : 0);
    if (path != NULL) snprintf(expected + length, sizeof expected - (size_t)length, "%*s%s", 73 - length, "", path);
    strcat(expected, "\n");
    CHECK(strncmp(line, expected, strlen(expected)) == 0);
}

static void test_maps(void) {
    char name[] = "/tmp/mappedXXXXXX";
    int file = mkstemp(name);
    struct stat status;
    CHECK(file >= 0 && ftruncate(file, 3 * PAGE) == 0 && fstat(file, &status) == 0);
    char* memory = mmap(NULL, 9 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    CHECK(mprotect(memory + PAGE, 2 * PAGE, PROT_NONE) == 0);
    check_region(memory + PAGE, 2 * PAGE, "---p", 0, NULL, NULL);
    CHECK(mmap(memory + 4 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, PAGE) != MAP_FAILED);
    check_region(memory + 4 * PAGE, 2 * PAGE, "rw-s", PAGE, &status, name);
    CHECK(mmap(memory + 7 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0) != MAP_FAILED);
    check_region(memory + 7 * PAGE, PAGE, "r--p", 0, &status, name);
    const char* maps = of_process(getpid(), "maps");
    CHECK(strstr(maps, "[stack]\n") != NULL && strstr(maps, "r-xp") != NULL);
    CHECK(munmap(memory, 9 * PAGE) == 0 && close(file) == 0 && unlink(name) == 0);
}

// More regions than one read returns: each of them is listed, once.
static void test_long_maps(void) {
    enum { count = 43 };
    char* memory = mmap(NULL, 2 * count * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    for (int i = 0; i < count; ++i) CHECK(mprotect(memory + (2 * i + 1) * PAGE, PAGE, PROT_NONE) == 0);
    const char* maps = of_process(getpid(), "maps");
    for (int i = 0; i < count; ++i) {
        char start[32];
        snprintf(start, sizeof start, "\n%08lx-", (unsigned long)(memory + (2 * i + 1) * PAGE));
        const char* line = strstr(maps, start);
        CHECK(line != NULL && strstr(line + 1, start) == NULL);
    }
    CHECK(munmap(memory, 2 * count * PAGE) == 0);
}

static void test_descriptors(void) {
    char name[] = "/tmp/openXXXXXX", path[64], expected[64], byte;
    int file = mkstemp(name), ends[2];
    CHECK(file >= 0 && write(file, "x", 1) == 1 && pipe(ends) == 0);
    snprintf(path, sizeof path, "fd/%d", file);
    CHECK(strcmp(link_of(path), name) == 0);
    struct stat status;
    CHECK(fstat(ends[0], &status) == 0);
    snprintf(path, sizeof path, "fd/%d", ends[0]);
    snprintf(expected, sizeof expected, "pipe:[%lu]", status.st_ino);
    CHECK(strcmp(link_of(path), expected) == 0);
    CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
    DIR* list = opendir("/proc/self/fd");
    CHECK(list != NULL);
    int found = 0;
    for (struct dirent* entry; (entry = readdir(list)) != NULL;) {
        int fd = atoi(entry->d_name);
        CHECK(fd != ends[0] || fd == dirfd(list));
        found += fd == file || fd == dirfd(list);
    }
    CHECK(found == 2 && closedir(list) == 0);
    // The link leads to the file, even if the file's name has changed.
    CHECK(unlink(name) == 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    int again = open(path, O_RDONLY);
    CHECK(again >= 0 && read(again, &byte, 1) == 1 && byte == 'x');
    CHECK(close(again) == 0 && close(file) == 0);
    CHECK_ERROR(open(path, O_RDONLY), ENOENT);
    CHECK(chdir("/tmp") == 0 && strcmp(link_of("cwd"), "/tmp") == 0);
}

static void test_no_number_is_beyond_the_highest(void) {
    const char* const folders[] = {"/proc", "/proc/self/fd"};
    for (int i = 0; i < 2; ++i) {
        char entries[512];
        const int list = open(folders[i], O_RDONLY | O_DIRECTORY);
        if (lseek(list, 0x80000100, SEEK_SET) < 0) {
            CHECK(errno == EINVAL);  // Linux, in some of its folders
        } else {
            CHECK(syscall(SYS_getdents64, list, entries, sizeof entries) == 0);
        }
        CHECK(close(list) == 0);
    }
}

static void test_what_is_not_there(void) {
    char bytes[16];
    CHECK_ERROR(open("/proc/0", O_RDONLY), ENOENT);
    CHECK_ERROR(open("/proc/01", O_RDONLY), ENOENT);
    CHECK_ERROR(open("/proc/self/nothing", O_RDONLY), ENOENT);
    CHECK_ERROR(open("/proc/self/stat/x", O_RDONLY), ENOTDIR);
    CHECK_ERROR(readlink("/proc/self/stat", bytes, sizeof bytes), EINVAL);
    int pagemap = open("/proc/self/pagemap", O_RDONLY);
    CHECK(pagemap >= 0);
    CHECK_ERROR(pread(pagemap, bytes, 8, 4), EINVAL);
    CHECK_ERROR(pread(pagemap, bytes, 4, 0), EINVAL);
    CHECK(close(pagemap) == 0);
}

// A child as seen from outside: asleep, stopped, zombie, gone.
static void test_life(void) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        enum { SIZE = 32 << 20 };  // so large that its exit takes a while
        memset(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, SIZE);
        for (;;) pause();
    }
    wait_for_state(child, 'S');
    char path[64], byte;
    snprintf(path, sizeof path, "/proc/%d/stat", child);
    int held = open(path, O_RDONLY);
    CHECK(held >= 0);
    CHECK(kill(child, SIGSTOP) == 0);
    wait_for_state(child, 'T');
    CHECK(kill(child, SIGKILL) == 0);
    while (state_of(child) != 'Z') continue;  // a zombie has freed all its memory
    CHECK(strcmp(of_process(child, "cmdline"), "") == 0 && strcmp(of_process(child, "maps"), "") == 0);
    CHECK(waitpid(child, NULL, 0) == child);
    CHECK_ERROR(read(held, &byte, 1), ESRCH);
    CHECK_ERROR(open(path, O_RDONLY), ENOENT);
    CHECK(close(held) == 0);
}

// Runs a copy of this program whose name is removed. Its exe link still opens and executes it.
static void test_unlinked_program(void) {
    char name[] = "/tmp/programXXXXXX", bytes[4096];
    int copy = mkstemp(name), self = open("/proc/self/exe", O_RDONLY);
    CHECK(copy >= 0 && self >= 0);
    for (long size; (size = read(self, bytes, sizeof bytes)) > 0;) CHECK(write(copy, bytes, (size_t)size) == size);
    CHECK(fchmod(copy, 0755) == 0 && close(copy) == 0 && close(self) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) _exit(execl(name, name, "unlink", "a  b", "", (char*)NULL));
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 7));
}

static int run_unlinked(char** argv) {
    char expected[64], contents[contents_size];
    int size = snprintf(expected, sizeof expected, "%s%cunlink%ca  b%c", argv[0], 0, 0, 0) + 1;
    CHECK(read_all("/proc/self/cmdline", contents) == size && memcmp(contents, expected, (size_t)size) == 0);
    CHECK(strcmp(link_of("exe"), argv[0]) == 0);
    CHECK(unlink(argv[0]) == 0);
    CHECK(strstr(link_of("exe"), " (deleted)") != NULL);
    CHECK(read_all("/proc/self/exe", contents) > 4 && memcmp(contents, "\177ELF", 4) == 0);
    return execl("/proc/self/exe", "again", (char*)NULL);
}

int main(int argc, char** argv) {
    if (argc == 4 && strcmp(argv[1], "unlink") == 0) return run_unlinked(argv);
    if (strcmp(argv[0], "again") == 0) return strcmp(of_process(getpid(), "cmdline"), "again") == 0 ? 7 : 1;
    test_stat();
    test_signals();
    test_maps();
    test_long_maps();
    test_descriptors();
    test_no_number_is_beyond_the_highest();
    test_what_is_not_there();
    test_life();
    test_unlinked_program();
    return 0;
}
