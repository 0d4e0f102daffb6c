// Calls that student programs use now and then: each does what its manual page says.
#include "check.h"

#include <fcntl.h>
#include <semaphore.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

static int new_file(const char* path, const char* text) {
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    return fd;
}

static void truncate_cuts_and_grows(void) {
    const int fd = new_file("/tmp/small", "12345678");
    CHECK(truncate("/tmp/small", 4) == 0 && lseek(fd, 0, SEEK_END) == 4);
    CHECK(truncate("/tmp/small", 6) == 0 && lseek(fd, 0, SEEK_END) == 6);
    CHECK_ERROR(truncate("/tmp/small", -1), EINVAL);
    CHECK_ERROR(truncate("/tmp", 0), EISDIR);
    CHECK_ERROR(truncate("/tmp/none", 0), ENOENT);
    CHECK(close(fd) == 0 && unlink("/tmp/small") == 0);
}

static void fionread_counts_what_can_be_read(void) {
    int ends[2], count = -1;
    CHECK(pipe(ends) == 0 && write(ends[1], "abc", 3) == 3);
    CHECK(ioctl(ends[0], FIONREAD, &count) == 0 && count == 3);
    const int fd = new_file("/tmp/small", "12345678");
    CHECK(lseek(fd, 3, SEEK_SET) == 3 && ioctl(fd, FIONREAD, &count) == 0 && count == 5);
    CHECK(lseek(fd, 0, SEEK_END) == 8 && ioctl(fd, FIONREAD, &count) == 0 && count == 0);
    CHECK_ERROR(ioctl(fd, FIONREAD, bad_pointer), EFAULT);
    CHECK(close(fd) == 0 && unlink("/tmp/small") == 0);
}

static void fallocate_makes_room(void) {
    const int fd = new_file("/tmp/small", "1");
    CHECK(posix_fallocate(fd, 0, 10000) == 0 && lseek(fd, 0, SEEK_END) == 10000);
    CHECK(close(fd) == 0 && unlink("/tmp/small") == 0);
}

static void statvfs_of_a_descriptor_is_that_of_its_path(void) {
    struct statvfs one, other;
    const int fd = open("/", O_RDONLY);
    CHECK(fd >= 0 && fstatvfs(fd, &one) == 0 && statvfs("/", &other) == 0);
    CHECK(one.f_bsize == other.f_bsize && one.f_blocks == other.f_blocks);
    CHECK_ERROR(fstatvfs(-1, &one), EBADF);
}

static void a_hint_is_taken_where_there_is_room(void) {
    char* first = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(first != MAP_FAILED && munmap(first, 4 * PAGE) == 0);
    CHECK(mmap(first + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == first + PAGE);
    char* elsewhere = mmap(first + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(elsewhere != MAP_FAILED && elsewhere != first + PAGE);
}

static void dev_full_has_no_room(void) {
    char bytes[3] = "xyz";
    const int fd = open("/dev/full", O_RDWR);
    CHECK(fd >= 0);
    CHECK_ERROR(write(fd, bytes, 3), ENOSPC);
    CHECK(read(fd, bytes, 3) == 3 && bytes[0] == 0 && bytes[2] == 0);
}

static void shared_memory_has_names(void) {
    const int fd = shm_open("/small", O_RDWR | O_CREAT, 0600);
    CHECK(fd >= 0 && ftruncate(fd, PAGE) == 0);
    int* word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    sem_t* done = sem_open("/small", O_CREAT, 0600, 0);
    CHECK(word != MAP_FAILED && done != SEM_FAILED);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        *word = 7;
        CHECK(sem_post(done) == 0);
        _exit(0);
    }
    CHECK(sem_wait(done) == 0 && *word == 7);
    CHECK(waitpid(child, NULL, 0) == child);
    CHECK(sem_unlink("/small") == 0 && shm_unlink("/small") == 0);
}

static void a_process_has_pages(void) {
    struct rusage usage;
    static volatile char memory[1 << 20];
    for (size_t i = 0; i < sizeof memory; i += PAGE) memory[i] = 1;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_maxrss >= 1024);
}

static void the_kernels_command_line_can_be_read(void) {
    char text[200];
    const int fd = open("/proc/cmdline", O_RDONLY);
    const ssize_t size = read(fd, text, sizeof text);
    CHECK(size > 0 && (!on_ox() || memmem(text, (size_t)size, "small_calls", 11) != NULL));
}

int main(void) {
    truncate_cuts_and_grows();
    fionread_counts_what_can_be_read();
    fallocate_makes_room();
    statvfs_of_a_descriptor_is_that_of_its_path();
    a_hint_is_taken_where_there_is_room();
    dev_full_has_no_room();
    shared_memory_has_names();
    a_process_has_pages();
    the_kernels_command_line_can_be_read();
    return 0;
}
