// Files of the initramfs: reading, seeking, attributes, paths. The program needs only its own file.
#include "check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

static void seeking(const char* path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    CHECK(file >= 0 && fstat(file, &status) == 0);
    CHECK(S_ISREG(status.st_mode) && (status.st_mode & 0111) != 0 && status.st_size > 1000);
    CHECK(status.st_blksize > 0 && status.st_ino != 0);
    long size = status.st_size;
    char c[8192];
    CHECK(lseek(file, 0, SEEK_END) == size && read(file, c, 1) == 0);
    CHECK(lseek(file, -1, SEEK_END) == size - 1 && read(file, c, 100) == 1);
    CHECK(lseek(file, -size, SEEK_CUR) == 0 && read(file, c, 4) == 4 && memcmp(c, "\177ELF", 4) == 0);
    CHECK(lseek(file, 1 << 20, SEEK_END) == size + (1 << 20) && read(file, c, 1) == 0);
    CHECK_ERROR(lseek(file, -1, SEEK_SET), EINVAL);
    CHECK_ERROR(lseek(file, 0, 9), EINVAL);
    CHECK_ERROR(lseek(file, -size - 1, SEEK_END), EINVAL);
    CHECK(!isatty(file) && errno == ENOTTY);
    CHECK_ERROR(write(file, c, 1), EBADF);

    // Read in pieces of odd size, the file is as long as its attributes say.
    CHECK(lseek(file, 0, SEEK_SET) == 0);
    long seen = 0;
    for (long got; (got = read(file, c, 4097)) != 0; seen += got) CHECK(got > 0);
    CHECK(seen == size);
    CHECK(close(file) == 0);
}

static void paths(const char* path) {
    struct stat a, b;
    char c;
    CHECK(stat("/", &a) == 0 && S_ISDIR(a.st_mode) && a.st_nlink > 0);
    CHECK(stat("/.", &b) == 0 && b.st_ino == a.st_ino);
    CHECK(stat("/..", &b) == 0 && b.st_ino == a.st_ino);
    CHECK(stat("//.././/", &b) == 0 && b.st_ino == a.st_ino);
    CHECK_ERROR(open("", O_RDONLY), ENOENT);
    CHECK_ERROR(open("/no/such", O_RDONLY), ENOENT);
    CHECK_ERROR(open("/no_such", O_RDONLY), ENOENT);
    char slash[300];
    snprintf(slash, sizeof slash, "%s/", path);
    CHECK_ERROR(open(slash, O_RDONLY), ENOTDIR);
    snprintf(slash, sizeof slash, "%s/x", path);
    CHECK_ERROR(open(slash, O_RDONLY), ENOTDIR);
    CHECK_ERROR(open(path, O_RDONLY | O_DIRECTORY), ENOTDIR);
    static char length[5000];
    memset(length, 'a', sizeof length - 1);
    CHECK_ERROR(open(length, O_RDONLY), ENAMETOOLONG);
    length[300] = 0;
    CHECK_ERROR(open(length, O_RDONLY), ENAMETOOLONG);

    int directory = open("/", O_RDONLY | O_DIRECTORY);
    CHECK(directory >= 0);
    CHECK_ERROR(read(directory, &c, 1), EISDIR);
    CHECK(fstatat(directory, ".", &b, 0) == 0 && b.st_ino == a.st_ino);
    CHECK(fstatat(directory, "", &b, AT_EMPTY_PATH) == 0 && b.st_ino == a.st_ino);
    CHECK_ERROR(open("/", O_RDWR), EISDIR);
    CHECK_ERROR(openat(99, "x", O_RDONLY), EBADF);
    CHECK_ERROR(openat(directory, "no_such", O_RDONLY), ENOENT);
    int file = open(path, O_RDONLY);
    CHECK_ERROR(openat(file, "x", O_RDONLY), ENOTDIR);
}

static void pieces(void) {
    int p[2];
    char read_back[16];
    CHECK(pipe(p) == 0);
    struct iovec iov[3] = {{"abc", 3}, {NULL, 0}, {"defg", 4}};
    CHECK(writev(p[1], iov, 3) == 7 && read(p[0], read_back, 16) == 7 && memcmp(read_back, "abcdefg", 7) == 0);
    CHECK(writev(p[1], iov, 0) == 0);
    CHECK_ERROR(writev(p[1], iov, minus_one), EINVAL);
    CHECK_ERROR(writev(p[1], iov, 1026 + minus_one), EINVAL);
}

int main(int argc, char** argv) {
    (void)argc;
    seeking(argv[0]);
    paths(argv[0]);
    pieces();
    CHECK_ERROR(open(argv[0], O_RDONLY | O_CREAT | O_EXCL, 0644), EEXIST);
    int null = open("/dev/null", O_RDWR);
    char c;
    CHECK(null >= 0 && write(null, "x", 1) == 1 && read(null, &c, 1) == 0);
    return 0;
}
