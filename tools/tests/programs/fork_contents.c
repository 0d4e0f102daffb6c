// After a fork each of the two sees its own writes and none of the other's, in every kind of page.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { pages = 700, page = 4096 };  // more than one level-0 table's worth

static char data[page] = {1};
static char bss[page];

static char* kinds[5];
static const size_t sizes[5] = {page, page, page, (size_t)pages* page, (size_t)pages* page};

static void fill(char seed) {
    for (int k = 0; k < 5; ++k) {
        for (size_t at = 0; at < sizes[k]; at += page) {
            kinds[k][at] = (char)(seed + k);
            kinds[k][at + page - 1] = (char)(seed + k + (char)(at / page));
        }
    }
}

static void expect(char seed) {
    for (int k = 0; k < 5; ++k) {
        for (size_t at = 0; at < sizes[k]; at += page) {
            CHECK(kinds[k][at] == (char)(seed + k));
            CHECK(kinds[k][at + page - 1] == (char)(seed + k + (char)(at / page)));
        }
    }
}

static void generation(int left) {
    char seed = (char)(10 * left);
    fill(seed);
    if (left == 0) return;
    for (int n = 0; n < 2; ++n) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            expect(seed);
            generation(left - 1);
            _exit(0);
        }
        if (n == 0) fill(seed);
        int status = 0;
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(status == 0);
        expect(seed);
    }
}

int main(void) {
    char stack[page];
    kinds[0] = data;
    kinds[1] = bss;
    kinds[2] = stack;
    kinds[3] = sbrk(pages * page);
    kinds[4] = mmap(0, (size_t)pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(kinds[3] != (char*)-1 && kinds[4] != MAP_FAILED);
    generation(3);
    return 0;
}
