// Regular files: create, write, append, holes, truncate, positions, flags, attributes, and the errors of each.
#include "folder.h"

#include <sys/statfs.h>
#include <sys/time.h>
#include <sys/uio.h>

static char page[3 * PAGE];

static void opening(void) {
    int file = open("f", O_RDWR | O_CREAT | O_EXCL, 0666);
    struct stat status;
    CHECK(file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 07777) == 0644);
    CHECK(status.st_size == 0 && status.st_nlink == 1 && status.st_blocks == 0);
    CHECK_ERROR(open("f", O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST);
    CHECK(write(file, "hello", 5) == 5 && lseek(file, 0, SEEK_CUR) == 5 && lseek(file, 1, SEEK_SET) == 1);
    CHECK(read(file, page, 10) == 4 && memcmp(page, "ello", 4) == 0 && read(file, page, 10) == 0);
    int reader = open("f", O_RDONLY | O_CREAT, 0);
    CHECK_ERROR(write(reader, "x", 1), EBADF);
    CHECK_ERROR(pwrite(reader, "x", 1, 0), EBADF);
    CHECK_ERROR(ftruncate(reader, 0), EINVAL);
    int writer = open("f", O_WRONLY | O_TRUNC);
    CHECK_ERROR(read(writer, page, 1), EBADF);
    CHECK_ERROR(pread(writer, page, 1, 0), EBADF);
    CHECK(read(reader, page, 1) == 0 && status_at("f").st_size == 0);
    CHECK_ERROR(open("f/", O_RDONLY), ENOTDIR);
    CHECK_ERROR(open("new/", O_WRONLY | O_CREAT, 0666), EISDIR);
    CHECK_ERROR(open(".", O_RDONLY | O_CREAT, 0666), EISDIR);
    CHECK_ERROR(open(".", O_WRONLY), EISDIR);
    CHECK_ERROR(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
    umask(077);
    int hidden = open("g", O_WRONLY | O_CREAT, 0666);
    CHECK(umask(022) == 077 && (status_at("g").st_mode & 07777) == 0600);
    CHECK(close(file) == 0 && close(reader) == 0 && close(writer) == 0 && close(hidden) == 0);
    CHECK(unlink("f") == 0 && unlink("g") == 0);
}

static void positions(void) {
    int file = open("f", O_RDWR | O_CREAT, 0666);
    memset(page, 'p', sizeof page);
    CHECK(pwrite(file, page, sizeof page, 100) == sizeof page && lseek(file, 0, SEEK_CUR) == 0);
    CHECK(pread(file, page, 200, 50) == 200 && page[49] == 0 && page[50] == 'p');
    CHECK_ERROR(pread(file, page, 1, -1), EINVAL);
    CHECK_ERROR(pwrite(file, page, 1, -1), EINVAL);
    CHECK(pread(file, page, 1, 1 << 30) == 0);
    struct iovec pieces[2] = {{page, 3}, {page + 100, 4}};
    CHECK(lseek(file, 98, SEEK_SET) == 98 && readv(file, pieces, 2) == 7);
    CHECK(page[0] == 0 && page[1] == 0 && page[2] == 'p' && page[103] == 'p' && lseek(file, 0, SEEK_CUR) == 105);
    CHECK(pwrite(file, page, 0, 0) == 0 && write(file, page, 0) == 0);
    // Two descriptors of one open file share its position; another open file has its own.
    int twin = dup(file), other = open("f", O_RDONLY);
    CHECK(lseek(twin, 7, SEEK_SET) == 7 && lseek(file, 0, SEEK_CUR) == 7 && lseek(other, 0, SEEK_CUR) == 0);
    pid_t child = fork();
    if (child == 0) _exit(read(file, page, 5) == 5 ? 0 : 1);
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0 && lseek(file, 0, SEEK_CUR) == 12);
    CHECK(close(file) == 0 && close(twin) == 0 && close(other) == 0 && unlink("f") == 0);
    int p[2];
    CHECK(pipe(p) == 0);
    CHECK_ERROR(lseek(p[0], 0, SEEK_SET), ESPIPE);
    CHECK_ERROR(pread(p[0], page, 1, 0), ESPIPE);
    CHECK_ERROR(pwrite(p[1], page, 1, 0), ESPIPE);
    CHECK(close(p[0]) == 0 && close(p[1]) == 0);
}

static void appending(void) {
    int file = open("f", O_RDWR | O_CREAT | O_APPEND, 0666);
    make_file("f", "12345");
    CHECK(write(file, "67", 2) == 2 && lseek(file, 0, SEEK_CUR) == 7 && lseek(file, 0, SEEK_SET) == 0);
    CHECK(write(file, "8", 1) == 1 && pwrite(file, "9", 1, 0) == 1 && file_says("f", "123456789"));
    CHECK(fcntl(file, F_SETFL, 0) == 0 && lseek(file, 0, SEEK_SET) == 0 && write(file, "X", 1) == 1);
    CHECK(file_says("f", "X23456789") && close(file) == 0 && unlink("f") == 0);
}

static void holes(void) {
    const long far = 40L << 20;
    int file = open("f", O_RDWR | O_CREAT, 0666);
    CHECK(pwrite(file, "end", 3, far) == 3 && status_at("f").st_size == far + 3 && status_at("f").st_blocks < 100);
    CHECK(pread(file, page, sizeof page, far - PAGE) == PAGE + 3 && page[0] == 0 && memcmp(page + PAGE, "end", 3) == 0);
    CHECK(pwrite(file, "mid", 3, far / 2) == 3 && pread(file, page, 1, 12345) == 1 && page[0] == 0);
    // Bytes that were cut off do not come back.
    CHECK(ftruncate(file, far / 2 + 1) == 0 && ftruncate(file, far) == 0);
    CHECK(pread(file, page, 3, far / 2) == 3 && page[0] == 'm' && page[1] == 0 && page[2] == 0);
    CHECK(ftruncate(file, 10) == 0 && status_at("f").st_size == 10 && status_at("f").st_blocks < 100);
    CHECK(pread(file, page, 100, 0) == 10 && ftruncate(file, 0) == 0 && status_at("f").st_blocks == 0);
    CHECK_ERROR(ftruncate(file, -1), EINVAL);
    CHECK(ftruncate(file, 5100) == 0 && status_at("f").st_size == 5100);
    CHECK(pread(file, page, sizeof page, 0) == 5100 && page[5099] == 0);
    CHECK(close(file) == 0 && unlink("f") == 0);
}

static void descriptor_flags(void) {
    int file = open("f", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    CHECK(fcntl(file, F_GETFD) == FD_CLOEXEC && (fcntl(file, F_GETFL) & O_ACCMODE) == O_WRONLY);
    CHECK(fcntl(file, F_SETFD, 0) == 0 && fcntl(file, F_GETFD) == 0);
    int copy = fcntl(file, F_DUPFD, 100), closing = fcntl(file, F_DUPFD_CLOEXEC, 100);
    CHECK(copy == 100 && closing == 101 && fcntl(copy, F_GETFD) == 0 && fcntl(closing, F_GETFD) == FD_CLOEXEC);
    CHECK(fcntl(copy, F_SETFL, O_APPEND | O_NONBLOCK) == 0);
    CHECK((fcntl(file, F_GETFL) & (O_APPEND | O_NONBLOCK | O_ACCMODE)) == (O_APPEND | O_NONBLOCK | O_WRONLY));
    CHECK_ERROR(fcntl(99, F_GETFD), EBADF);
    CHECK_ERROR(fcntl(file, F_DUPFD, minus_one), EINVAL);
    CHECK_ERROR(fcntl(file, 12345), EINVAL);
    CHECK(fsync(file) == 0 && fdatasync(file) == 0);
    CHECK_ERROR(fsync(99), EBADF);
    CHECK(close(file) == 0 && close(copy) == 0 && close(closing) == 0 && unlink("f") == 0);
}

static void attributes(void) {
    make_file("f", "x");
    CHECK(access("f", F_OK) == 0 && access("f", R_OK | W_OK) == 0);
    CHECK_ERROR(access("f", X_OK), EACCES);
    CHECK_ERROR(access("no", F_OK), ENOENT);
    CHECK_ERROR(access("f", 8 + minus_one + 1), EINVAL);
    CHECK(chmod("f", 0755) == 0 && access("f", X_OK) == 0 && (status_at("f").st_mode & 07777) == 0755);
    CHECK(faccessat(AT_FDCWD, "f", X_OK, AT_EACCESS) == 0);
    int file = open("f", O_RDWR);
    CHECK(fchmod(file, 0640) == 0 && (status_at("f").st_mode & 07777) == 0640 && S_ISREG(status_at("f").st_mode));
    CHECK_ERROR(chmod("no", 0), ENOENT);
    CHECK_ERROR(fchmod(99, 0), EBADF);
    CHECK(chown("f", (uid_t)-1, (gid_t)-1) == 0 && fchown(file, getuid(), getgid()) == 0);
    CHECK(status_at("f").st_uid == getuid() && status_at("f").st_gid == getgid());

    struct timespec times[2] = {{1000, 5}, {2000, 6}};
    struct stat status;
    CHECK(utimensat(AT_FDCWD, "f", times, 0) == 0 && fstat(file, &status) == 0);
    CHECK(status.st_atim.tv_sec == 1000 && status.st_atim.tv_nsec == 5);
    CHECK(status.st_mtim.tv_sec == 2000 && status.st_mtim.tv_nsec == 6);
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = 3000;
    CHECK(futimens(file, times) == 0 && fstat(file, &status) == 0);
    CHECK(status.st_atim.tv_sec == 1000 && status.st_mtim.tv_sec == 3000);
    times[0].tv_nsec = 1000000000;
    CHECK_ERROR(utimensat(AT_FDCWD, "f", times, 0), EINVAL);
    CHECK_ERROR(utimensat(AT_FDCWD, "no", NULL, 0), ENOENT);
    CHECK(futimens(file, NULL) == 0 && fstat(file, &status) == 0 && status.st_mtim.tv_sec != 3000);
    struct timespec before = status.st_mtim;
    usleep(20000);
    CHECK(write(file, "y", 1) == 1 && fstat(file, &status) == 0);
    CHECK(status.st_mtim.tv_sec > before.tv_sec || status.st_mtim.tv_nsec > before.tv_nsec);
    CHECK(symlink("f", "l") == 0);
    times[0] = times[1] = (struct timespec){77, 0};
    CHECK(utimensat(AT_FDCWD, "l", times, AT_SYMLINK_NOFOLLOW) == 0 && status_at("l").st_mtim.tv_sec == 77);
    CHECK(status_at("f").st_mtim.tv_sec != 77);

    struct statfs system;
    CHECK(statfs(".", &system) == 0 && system.f_bsize > 0 && system.f_blocks >= system.f_bfree);
    CHECK(system.f_namelen == 255);
    CHECK_ERROR(statfs("no", &system), ENOENT);
    CHECK(close(file) == 0 && unlink("f") == 0 && unlink("l") == 0);
}

// A file of more than 512 pages, written in pieces of odd size, reads back the same.
static void large(void) {
    int file = open("f", O_RDWR | O_CREAT, 0666);
    enum { PIECE = 10007, PIECES = 300 };
    for (int i = 0; i < PIECES; ++i) {
        memset(page, i, PIECE);
        CHECK(write(file, page, PIECE) == PIECE);
    }
    CHECK(status_at("f").st_size == PIECE * PIECES && lseek(file, 0, SEEK_SET) == 0);
    for (int i = 0; i < PIECES; ++i) {
        CHECK(read(file, page, PIECE) == PIECE);
        for (int n = 0; n < PIECE; n += 97) CHECK(page[n] == (char)i);
    }
    CHECK_ERROR(pread(file, bad_pointer, 1, 0), EFAULT);
    CHECK_ERROR(write(file, bad_pointer, 1), EFAULT);
    CHECK(read(file, bad_pointer, 0) == 0);
    CHECK(close(file) == 0 && unlink("f") == 0);
}

static void devices(void) {
    int zero = open("/dev/zero", O_RDWR), null = open("/dev/null", O_RDWR), random = open("/dev/urandom", O_RDONLY);
    memset(page, 1, sizeof page);
    CHECK(read(zero, page, sizeof page) == sizeof page && page[0] == 0 && page[sizeof page - 1] == 0);
    CHECK(write(zero, page, 10) == 10 && write(null, page, 10) == 10 && read(null, page, 10) == 0);
    CHECK(read(random, page, 64) == 64 && memcmp(page, page + 32, 32) != 0);
    CHECK(S_ISCHR(status_at("/dev/null").st_mode) && status_at("/dev/null").st_rdev == (1 << 8 | 3));
    CHECK(open("/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0666) >= 0);
    CHECK(!isatty(null) && errno == ENOTTY);
}

int main(void) {
    enter_folder();
    opening();
    positions();
    appending();
    holes();
    descriptor_flags();
    attributes();
    large();
    devices();
    leave_folder();
    return 0;
}
