// sendfile: bytes of a file go to a file, a pipe or a device; positions and offsets move as far; the errors.
#include "folder.h"
#include "proc.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>

enum { LARGE = (2 << 20) + 3 * PAGE + 123 };  // more than ox sends in one piece

static char bytes[LARGE], found[LARGE];

static long position(int file) { return lseek(file, 0, SEEK_CUR); }

static int made(const char* path, int flags) {
    int file = open(path, flags | O_CREAT, 0644);
    CHECK(file >= 0);
    return file;
}

// A file with `bytes` in it, open for reading and writing at its start.
static int full_file(void) {
    for (int n = 0; n < LARGE; ++n) bytes[n] = (char)(n ^ n >> 11);
    int file = made("in", O_RDWR);
    CHECK(write(file, bytes, LARGE) == LARGE && lseek(file, 0, SEEK_SET) == 0);
    return file;
}

static int has(int file, long at, const char* what, long size) {
    return pread(file, found, LARGE, at) >= size && memcmp(found, what, (size_t)size) == 0;
}

static void from_the_position(void) {
    int in = full_file(), out = made("out", O_RDWR);
    CHECK(write(out, "abc", 3) == 3 && lseek(in, PAGE - 7, SEEK_SET) == PAGE - 7);
    CHECK(sendfile(out, in, NULL, 20) == 20 && position(in) == PAGE + 13 && position(out) == 23);
    CHECK(has(out, 0, "abc", 3) && has(out, 3, bytes + PAGE - 7, 20));
    const long rest = LARGE - PAGE - 13;
    CHECK(sendfile(out, in, NULL, 16 << 20) == rest && position(in) == LARGE && position(out) == 23 + rest);
    CHECK(has(out, 23, bytes + PAGE + 13, rest));
    CHECK(sendfile(out, in, NULL, 1) == 0 && sendfile(out, in, NULL, 0) == 0 && position(in) == LARGE);
    CHECK(close(in) == 0 && close(out) == 0);
}

static void from_an_offset(void) {
    int in = full_file(), out = made("out", O_RDWR | O_TRUNC);
    off_t offset = 5;
    CHECK(sendfile(out, in, &offset, 2 * PAGE) == 2 * PAGE && offset == 5 + 2 * PAGE && position(in) == 0);
    CHECK(position(out) == 2 * PAGE && has(out, 0, bytes + 5, 2 * PAGE));
    offset = LARGE;
    CHECK(sendfile(out, in, &offset, 1) == 0 && offset == LARGE);
    CHECK(close(in) == 0 && close(out) == 0);
}

static void what_is_sent(void) {
    int in = made("holes", O_RDWR), out = made("out", O_RDWR | O_TRUNC);
    static const char zeros[PAGE];
    CHECK(ftruncate(in, 3 * PAGE) == 0 && pwrite(in, "end", 3, 3 * PAGE) == 3);
    CHECK(sendfile(out, in, NULL, LARGE) == 3 * PAGE + 3 && has(out, PAGE, zeros, PAGE) &&
          has(out, 3 * PAGE, "end", 3));
    char* shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, in, 0);
    CHECK(shared != MAP_FAILED);
    memcpy(shared, "stored", 6);
    CHECK(lseek(in, 0, SEEK_SET) == 0 && lseek(out, 0, SEEK_SET) == 0 && sendfile(out, in, NULL, PAGE) == PAGE);
    CHECK(has(out, 0, "stored", 6) && munmap(shared, PAGE) == 0);
    CHECK(close(in) == 0 && close(out) == 0 && unlink("holes") == 0);
}

static void to_itself(void) {
    int file = full_file(), again = made("in", O_RDWR);
    CHECK(sendfile(file, file, NULL, 3 * PAGE) == 3 * PAGE && position(file) == 3 * PAGE && has(file, 0, bytes, LARGE));
    off_t offset = 0;
    CHECK(lseek(again, 100, SEEK_SET) == 100 && sendfile(again, file, &offset, 10) == 10);
    CHECK(has(file, 100, bytes, 10) && has(file, 110, bytes + 110, PAGE));
    CHECK(close(file) == 0 && close(again) == 0);
}

static void to_pipes_and_devices(void) {
    int in = full_file(), null = open("/dev/null", O_WRONLY), p[2];
    CHECK(null >= 0 && sendfile(null, in, NULL, LARGE) == LARGE && position(in) == LARGE);
    CHECK(pipe(p) == 0 && lseek(in, 0, SEEK_SET) == 0);
    pid_t child = fork();
    if (child == 0) {
        close(p[0]);
        for (long sent = 0; sent < LARGE;) {
            long part = sendfile(p[1], in, NULL, LARGE);
            CHECK(part > 0);
            sent += part;
        }
        _exit(0);
    }
    close(p[1]);
    long got = 0;
    for (long part; (part = read(p[0], found + got, (size_t)(LARGE - got))) > 0;) got += part;
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 0));
    CHECK(got == LARGE && memcmp(found, bytes, LARGE) == 0);
    CHECK(close(in) == 0 && close(null) == 0 && close(p[0]) == 0);
}

static void nothing_stays_mapped(void) {
    int in = full_file(), out = made("out", O_WRONLY | O_TRUNC);
    const int before = lines_of_maps();
    CHECK(sendfile(out, in, NULL, LARGE) == LARGE && lines_of_maps() == before);
    CHECK(close(in) == 0 && close(out) == 0);
}

static void wrong_files(void) {
    int in = full_file(), out = made("out", O_RDWR | O_TRUNC), p[2], folder_fd = open(".", O_RDONLY);
    int reader = open("in", O_RDONLY), writer = open("in", O_WRONLY), appender = open("out", O_WRONLY | O_APPEND);
    off_t offset = 0;
    CHECK(pipe(p) == 0);
    CHECK_ERROR(sendfile(out, minus_one, NULL, 1), EBADF);
    CHECK_ERROR(sendfile(minus_one, in, NULL, 1), EBADF);
    CHECK_ERROR(sendfile(out, writer, NULL, 1), EBADF);
    CHECK_ERROR(sendfile(reader, in, NULL, 1), EBADF);
    CHECK_ERROR(sendfile(p[0], in, NULL, 1), EBADF);
    CHECK_ERROR(sendfile(out, p[0], NULL, 1), EINVAL);
    CHECK_ERROR(sendfile(out, p[0], &offset, 1), ESPIPE);
    CHECK_ERROR(sendfile(out, folder_fd, NULL, 1), EINVAL);
    CHECK_ERROR(sendfile(appender, in, NULL, 1), EINVAL);
    CHECK(position(in) == 0 && position(out) == 0 && status_at("out").st_size == 0 && offset == 0);
    CHECK(close(in) == 0 && close(out) == 0 && close(p[0]) == 0 && close(p[1]) == 0 && close(folder_fd) == 0);
    CHECK(close(reader) == 0 && close(writer) == 0 && close(appender) == 0);
}

static void wrong_numbers(void) {
    int in = full_file(), out = made("out", O_RDWR | O_TRUNC);
    off_t offset = minus_one;
    CHECK_ERROR(sendfile(out, in, &offset, 1), EINVAL);
    CHECK_ERROR(sendfile(out, in, NULL, (size_t)minus_one), EINVAL);
    offset = 1;
    CHECK_ERROR(sendfile(out, in, &offset, INT64_MAX), EINVAL);
    CHECK_ERROR(sendfile(out, in, bad_pointer, 1), EFAULT);
    CHECK(position(in) == 0 && position(out) == 0);
    CHECK(close(in) == 0 && close(out) == 0);
}

static volatile int signals;
static void count_signal(int signal) {
    (void)signal;
    signals = signals + 1;
}

static void files_that_take_no_more(void) {
    int in = full_file(), out = made("out", O_RDWR | O_TRUNC), p[2];
    CHECK(pipe(p) == 0 && fcntl(p[1], F_SETFL, O_NONBLOCK) == 0);
    while (sendfile(p[1], in, NULL, LARGE) > 0) continue;
    CHECK(errno == EAGAIN);
    CHECK(signal(SIGPIPE, count_signal) != SIG_ERR && signal(SIGXFSZ, count_signal) != SIG_ERR);
    close(p[0]);
    CHECK_ERROR(sendfile(p[1], in, NULL, 1), EPIPE);
    CHECK(signals == 1 && close(p[1]) == 0);
    struct rlimit limit = {PAGE + 5, RLIM_INFINITY};
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK(lseek(in, 0, SEEK_SET) == 0 && sendfile(out, in, NULL, LARGE) == PAGE + 5);
    CHECK(position(in) == PAGE + 5 && has(out, 0, bytes, PAGE + 5));
    signals = 0;
    CHECK_ERROR(sendfile(out, in, NULL, LARGE), EFBIG);
    CHECK(signals > 0 && position(in) == PAGE + 5 && close(in) == 0 && close(out) == 0);
    limit.rlim_cur = RLIM_INFINITY;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

int main(void) {
    enter_folder();
    from_the_position();
    from_an_offset();
    what_is_sent();
    to_itself();
    to_pipes_and_devices();
    nothing_stays_mapped();
    wrong_files();
    wrong_numbers();
    files_that_take_no_more();
    CHECK(unlink("in") == 0 && unlink("out") == 0);
    leave_folder();
    return 0;
}
