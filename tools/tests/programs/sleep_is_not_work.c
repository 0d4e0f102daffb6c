// A process that sleeps uses no processor time. (The test counts instructions under -icount. By the clock of a busy
// host, entering and leaving the sleep can take as long as the sleep itself.)
#include "clock.h"

int main(void) {
    enum { SLEPT = 50000000 };
    const int64_t begun = now(CLOCK_MONOTONIC), before = now(CLOCK_PROCESS_CPUTIME_ID);
    CHECK(nanosleep(&(struct timespec){.tv_nsec = SLEPT}, NULL) == 0);
    CHECK(now(CLOCK_MONOTONIC) - begun >= SLEPT);
    CHECK(now(CLOCK_PROCESS_CPUTIME_ID) - before < SLEPT / 100);
    return 0;
}
