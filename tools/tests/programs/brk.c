// brk grows and shrinks the heap, by bytes. Memory that the heap loses is gone, and memory that it gets is zero.
// qemu-riscv64 leaves the memory after a shrinking heap readable, so for that part the oracle is Linux.
#include "check.h"

#include <sys/syscall.h>

static char* heap(char* end) { return (char*)syscall(SYS_brk, end); }

static char* lost;
static void touch_lost(void) { *(volatile char*)lost = 1; }

int main(void) {
    char* start = heap(0);
    CHECK(start != NULL && heap(0) == start);
    CHECK(heap(start + 3 * PAGE + 123) == start + 3 * PAGE + 123);
    CHECK(heap(0) == start + 3 * PAGE + 123);
    for (int n = 0; n < 3 * PAGE + 123; ++n) CHECK(start[n] == 0);
    memset(start, 7, 3 * PAGE);
    CHECK(heap(start + PAGE) == start + PAGE);
    CHECK(start[PAGE - 1] == 7);
    lost = (char*)(((uintptr_t)start + PAGE + PAGE - 1) / PAGE * PAGE);
    CHECK(killed_by(status_of(touch_lost), SIGSEGV));
    CHECK(heap(start + 3 * PAGE) == start + 3 * PAGE);
    for (char* p = lost; p < start + 3 * PAGE; ++p) CHECK(*p == 0);
    // Impossible requests return the old end.
    CHECK(heap((char*)1) == start + 3 * PAGE);
    CHECK(heap((char*)-PAGE) == start + 3 * PAGE);
    CHECK(heap((char*)((uintptr_t)1 << 62)) == start + 3 * PAGE);
    return 0;
}
