// For tests that type: reads from the terminal and reports. "typed raw|canonical BYTES" reads that many bytes and
// prints their number, the number of lines, and a checksum; "typed one" reads single characters up to q.
#include "check.h"

#include <termios.h>

static void make_raw(void) {
    struct termios settings;
    CHECK(tcgetattr(0, &settings) == 0);
    cfmakeraw(&settings);
    settings.c_oflag |= OPOST | ONLCR;
    CHECK(tcsetattr(0, TCSAFLUSH, &settings) == 0);
}

int main(int count, char** arguments) {
    CHECK(count > 1);
    static char buffer[5000];
    if (strcmp(arguments[1], "canonical") != 0) make_raw();
    printf("ready\n");
    fflush(stdout);
    if (strcmp(arguments[1], "one") == 0) {
        do {
            CHECK(read(0, buffer, sizeof buffer) == 1);
            printf("got %d\n", buffer[0]);
            fflush(stdout);
        } while (buffer[0] != 'q');
        return 0;
    }
    long left = atol(arguments[2]), total = 0, lines = 0;
    unsigned long sum = 0;
    while (total < left) {
        long got = read(0, buffer, sizeof buffer);
        CHECK(got > 0);
        for (long i = 0; i < got; ++i) {
            sum = sum * 31 + (unsigned char)buffer[i];
            lines += buffer[i] == '\n';
        }
        total += got;
        if (total % 7 == 0) usleep(1000);  // sometimes the reader is late
    }
    printf("\nread %ld bytes, %ld lines, sum %lx\n", total, lines, sum);
    return 0;
}
