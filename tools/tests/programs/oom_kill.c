// A process that touches more memory than there is gets SIGKILL, no other process does, and all its memory is freed.
// Linux chooses its victim in its own way and frees memory later, so there is no oracle.
#include "check.h"

#include <sys/mman.h>

enum { MUCH = 1 << 30 };  // mapped at once, because a call that finds no memory only fails

static char* mapped(void) {
    char* memory = mmap(NULL, MUCH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) _exit(2);
    return memory;
}
static void touch(char* memory) {
    for (int n = 0; n < MUCH; n += PAGE) memory[n] = 1;
}
static void touch_until_killed(void) { touch(mapped()); }
static void grow_until_killed(void) {
    char* memory = sbrk(MUCH);
    if (memory != (void*)-1) touch(memory);
}
// The kernel's writes, in read(), are the ones that find no memory.
static void read_until_killed(void) {
    int p[2];
    CHECK(pipe(p) == 0);
    char* memory = mapped();
    for (int n = 0; n < MUCH; n += PAGE) {
        CHECK(write(p[1], "x", 1) == 1);
        CHECK(read(p[0], memory + n, 1) == 1);
    }
}

int main(void) {
    void (*const ways[])(void) = {touch_until_killed, grow_until_killed, read_until_killed};
    static char mine[16 * PAGE];
    memset(mine, 3, sizeof mine);
    CHECK(killed_by(status_of(touch_until_killed), SIGKILL));  // this process now has the memory that it needs itself
    unsigned long before = free_bytes();
    for (int n = 0; n < 3; ++n) {
        CHECK(killed_by(status_of(ways[n]), SIGKILL));
        for (unsigned i = 0; i < sizeof mine; ++i) CHECK(mine[i] == 3);
        CHECK(free_bytes() == before);
    }
    return 0;
}
