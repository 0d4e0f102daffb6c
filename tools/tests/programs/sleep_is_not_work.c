// A process that sleeps uses no processor time. (Instructions count, so its machine has -icount: by the clock of a busy
// host, the way into the sleep and out of it can take as long as the sleep.)
#include "clock.h"

int main(void) {
    enum { SLEPT = 50000000 };
    const int64_t begun = now(CLOCK_MONOTONIC), before = now(CLOCK_PROCESS_CPUTIME_ID);
    CHECK(nanosleep(&(struct timespec){.tv_nsec = SLEPT}, NULL) == 0);
    CHECK(now(CLOCK_MONOTONIC) - begun >= SLEPT);
    CHECK(now(CLOCK_PROCESS_CPUTIME_ID) - before < SLEPT / 100);
    return 0;
}
