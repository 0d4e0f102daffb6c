// Pipes: bytes in order, end of file, short reads, errors.
#include "check.h"

#include <fcntl.h>
#include <sys/stat.h>

int main(void) {
    int p[2];
    char buffer[64];
    CHECK(pipe(p) == 0);
    CHECK(write(p[1], "hello", 5) == 5 && write(p[1], " world", 6) == 6);
    CHECK(read(p[0], buffer, 3) == 3 && memcmp(buffer, "hel", 3) == 0);
    CHECK(read(p[0], buffer, sizeof buffer) == 8 && memcmp(buffer, "lo world", 8) == 0);
    CHECK(read(p[0], buffer, 0) == 0 && write(p[1], buffer, 0) == 0);
    CHECK_ERROR(read(p[1], buffer, 1), EBADF);
    CHECK_ERROR(write(p[0], buffer, 1), EBADF);
    CHECK_ERROR(lseek(p[0], 0, SEEK_SET), ESPIPE);
    struct stat status;
    CHECK(fstat(p[0], &status) == 0 && S_ISFIFO(status.st_mode) && !isatty(p[0]));

    // Fills the ring buffer, more than once around.
    static char out[65536], in[65536];
    for (int round = 0; round < 3; ++round) {
        for (int n = 0; n < 65536; ++n) out[n] = (char)(n * 7 + n / 4096 + round);
        CHECK(write(p[1], out, 65000) == 65000);
        CHECK(read(p[0], in, 65536) == 65000);
        CHECK(memcmp(in, out, 65000) == 0);
    }

    // If a read fails, the bytes stay in the pipe.
    CHECK(write(p[1], "stay", 4) == 4);
    CHECK_ERROR(read(p[0], null_pointer, 4), EFAULT);
    CHECK(read(p[0], buffer, 4) == 4 && memcmp(buffer, "stay", 4) == 0);
    CHECK_ERROR(write(p[1], null_pointer, 4), EFAULT);

    CHECK(write(p[1], "end", 3) == 3 && close(p[1]) == 0);
    // A pipe that is opened again, as a shell's `<( )` is, does not wait: it is the same pipe, with its bytes.
    char name[32];
    snprintf(name, sizeof name, "/dev/fd/%d", p[0]);
    const int again = open(name, O_RDONLY);
    CHECK(again >= 0 && read(again, buffer, 1) == 1 && buffer[0] == 'e' && close(again) == 0);
    snprintf(name, sizeof name, "/proc/self/fd/%d", p[0]);
    const int writer = open(name, O_WRONLY);
    CHECK(writer >= 0 && write(writer, "s", 1) == 1 && close(writer) == 0);
    CHECK(read(p[0], buffer, sizeof buffer) == 3 && memcmp(buffer, "nds", 3) == 0);
    CHECK(read(p[0], buffer, sizeof buffer) == 0 && read(p[0], buffer, sizeof buffer) == 0);
    CHECK(close(p[0]) == 0);
    CHECK_ERROR(close(p[0]), EBADF);
    CHECK_ERROR(pipe2(p, 1), EINVAL);
    CHECK_ERROR(pipe(bad_pointer), EFAULT);
    return 0;
}
