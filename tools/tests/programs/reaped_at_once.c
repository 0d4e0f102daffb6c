// The end of a child makes its parent runnable on the child's hart, and that hart runs it at once: it does not wait for
// an interrupt first. (The test counts instructions under -icount, with two harts or more.)
#include "clock.h"

enum { rounds = 100, slice = 10000000 };

int main(void) {
    const int64_t begun = now(CLOCK_MONOTONIC);
    for (int i = 0; i < rounds; ++i) {
        if (fork() == 0) _exit(0);
        CHECK(wait(NULL) > 0);
    }
    // A hart that waited for its timer would take a slice for each round.
    CHECK(now(CLOCK_MONOTONIC) - begun < rounds * slice / 10);
    return 0;
}
