// dup and dup3: one open file under several numbers, with one offset; the lowest free number; errors.
#include "check.h"

#include <fcntl.h>

int main(int argc, char** argv) {
    (void)argc;
    int file = open(argv[0], O_RDONLY);
    CHECK(file == 3);
    int copy = dup(file);
    CHECK(copy == 4);
    char a[4], b[4];
    CHECK(read(file, a, 4) == 4 && memcmp(a, "\177ELF", 4) == 0);
    CHECK(lseek(copy, 0, SEEK_CUR) == 4);
    CHECK(lseek(copy, 0, SEEK_SET) == 0 && read(file, b, 4) == 4 && memcmp(a, b, 4) == 0);
    CHECK(close(file) == 0 && lseek(copy, 0, SEEK_CUR) == 4);
    CHECK_ERROR(lseek(file, 0, SEEK_CUR), EBADF);
    CHECK(dup3(copy, 20, 0) == 20 && lseek(20, 0, SEEK_CUR) == 4);
    CHECK(dup(copy) == 3);

    // The file that the number named before is closed.
    int p[2];
    CHECK(pipe(p) == 0 && dup3(copy, p[1], 0) == p[1]);
    CHECK(read(p[0], a, 1) == 0);

    CHECK_ERROR(dup(99), EBADF);
    CHECK_ERROR(dup3(99, 5, 0), EBADF);
    CHECK_ERROR(dup3(copy, copy, 0), EINVAL);
    CHECK_ERROR(dup3(copy, -1, 0), EBADF);
    CHECK_ERROR(dup3(copy, 5, 1), EINVAL);
    CHECK_ERROR(close(-1), EBADF);
    CHECK_ERROR(close(1000), EBADF);

    // fork shares all descriptors, but a close in the child affects only the child.
    CHECK(lseek(20, 100, SEEK_SET) == 100);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(lseek(copy, 7, SEEK_SET) == 7 && close(20) == 0 && close(copy) == 0);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 0));
    CHECK(lseek(20, 0, SEEK_CUR) == 7);
    return 0;
}
