// Ends the machine while processes live whose trees share tables and pages in all possible ways. A test looks at RAM
// afterwards. Not for Linux.
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/reboot.h>

enum { BOTH = PROT_READ | PROT_WRITE, PAGES = 1200 };

static char* area;
static int ready[2];

static char* map(void* where, size_t pages, int flags, int file) {
    char* memory = mmap(where, pages * PAGE, BOTH, flags, file, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

static void write_every(int step, int pages) {
    for (int page = 0; page < pages; page += step) area[page * PAGE] += 1;
}

// How each child changes the memory that it has from its parent.
static void change(int child) {
    if (child == 0) return;
    if (child == 1) write_every(7, PAGES);
    if (child == 2) CHECK(munmap(area + 100 * PAGE, 700 * PAGE) == 0);
    if (child == 3) CHECK(mprotect(area + 50 * PAGE, 600 * PAGE, PROT_READ) == 0);
    if (child == 4) CHECK(mremap(area + 1000 * PAGE, 100 * PAGE, 300 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED);
    if (child == 5) CHECK(madvise(area, 64 * PAGE, MADV_DONTNEED) == 0);
    if (child == 6 && fork() == 0) write_every(3, PAGES);
    write_every(11, 50);
}

static void live(int child) {
    change(child);
    CHECK(write(ready[1], "", 1) == 1);
    for (;;) pause();
}

int main(void) {
    char name[] = "/tmp/treesXXXXXX";
    int file = mkstemp(name);
    CHECK(file >= 0 && ftruncate(file, 40 * PAGE) == 0 && pipe(ready) == 0);
    area = map(NULL, PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    char* shared = map(NULL, 20, MAP_SHARED | MAP_ANONYMOUS, -1);
    char* of_file = map(NULL, 40, MAP_PRIVATE, file);
    write_every(2, PAGES);
    for (int page = 0; page < 20; page += 3) shared[page * PAGE] = of_file[page * PAGE] = 1;
    for (int child = 0; child < 7; ++child) {
        if (fork() == 0) live(child);
    }
    write_every(5, PAGES);
    for (int processes = 0; processes < 8; ++processes) {  // the seventh child has a child itself
        char byte;
        CHECK(read(ready[0], &byte, 1) == 1);
    }
    CHECK(ftruncate(file, PAGE) == 0);
    usleep(10000);  // all of them sleep now
    CHECK(reboot(RB_POWER_OFF) == 0);
}
