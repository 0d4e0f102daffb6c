// The kernel copies and zeroes exactly the requested bytes, for every alignment and length, and nothing beside them.
#include "check.h"

#include <fcntl.h>

enum { MARGIN = 16, LONGEST = 40, SIZE = MARGIN + LONGEST + MARGIN };

static char text[SIZE], page[SIZE], seen[SIZE];

// The expected text: `bytes` at position `at`, and dots around them.
static void expect(const char* bytes, int at, int size) {
    for (int i = 0; i < SIZE; ++i) CHECK(seen[i] == (i >= at && i < at + size ? bytes[i - at] : '.'));
}

static void dots(int fd) {
    memset(page, '.', sizeof page);
    CHECK(pwrite(fd, page, sizeof page, 0) == sizeof page);
    memset(seen, '.', sizeof seen);
}

int main(void) {
    const int fd = open("unaligned.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
    const int zero = open("/dev/zero", O_RDONLY);
    CHECK(fd >= 0 && zero >= 0 && unlink("unaligned.data") == 0);
    for (int i = 0; i < SIZE; ++i) text[i] = (char)('A' + i % 50);
    static const char zeros[LONGEST];
    for (int from = 0; from < 8; ++from) {
        for (int to = MARGIN; to < MARGIN + 8; ++to) {
            for (int size = 1; size <= LONGEST; size += size < 20 ? 1 : 7) {
                dots(fd);  // from the program's memory into the file
                CHECK(pwrite(fd, text + from, (size_t)size, to) == size);
                CHECK(pread(fd, seen, sizeof seen, 0) == sizeof seen);
                expect(text + from, to, size);
                dots(fd);  // and back
                CHECK(pwrite(fd, text, sizeof text, 0) == sizeof text);
                CHECK(pread(fd, seen + to, (size_t)size, from) == size);
                expect(text + from, to, size);
                dots(fd);
                CHECK(read(zero, seen + to, (size_t)size) == size);
                expect(zeros, to, size);
            }
        }
    }
    return 0;
}
