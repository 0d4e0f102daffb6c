// After fork, parent and child have equal memory at the same addresses, and from then on each has its own: over
// generations, for pages written before, between and after the forks, and for read-only pages.
#include "check.h"

#include <sys/mman.h>

enum { pages = 600 };  // more than one page table maps
static char* memory;

static char value(int generation, int n) { return (char)(generation * 37 + n * 11 + 1); }

static void generation(int g) {
    // Each generation writes every (g + 2)nd page. The other pages are as an earlier generation left them.
    for (int n = 0; n < pages; n += g + 2) memory[n * PAGE + g] = value(g, n);
    if (g < 5) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            generation(g + 1);
            _exit(0);
        }
        for (int n = 1; n < pages; n += g + 3) memory[n * PAGE + 100 + g] = value(g, n);
        int status;
        CHECK(waitpid(child, &status, 0) == child && exited_with(status, 0));
        for (int n = 1; n < pages; n += g + 3) CHECK(memory[n * PAGE + 100 + g] == value(g, n));
    }
    for (int n = 0; n < pages; ++n) {
        for (int h = 0; h <= 6; ++h) {
            char wanted = h <= g && n % (h + 2) == 0 ? value(h, n) : 0;
            CHECK(memory[n * PAGE + h] == wanted);
        }
    }
}

static void write_read_only(void) { memory[0] = 1; }

int main(void) {
    memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    generation(0);
    // fork does not make a page writable.
    CHECK(mprotect(memory, PAGE, PROT_READ) == 0);
    CHECK(killed_by(status_of(write_read_only), SIGSEGV));
    char before = memory[0];
    CHECK(mprotect(memory, PAGE, PROT_READ | PROT_WRITE) == 0);
    CHECK(exited_with(status_of(write_read_only), 0) && memory[0] == before);
    return 0;
}
