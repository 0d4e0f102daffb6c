// A process that sleeps uses no processor time. (Instructions count, so its machine has -icount: by the clock of a busy
// host, the way into the sleep and out of it can take as long as the sleep.)
#include "check.h"

#include <time.h>

static int64_t now(clockid_t clock) {
    struct timespec time;
    CHECK(clock_gettime(clock, &time) == 0);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int main(void) {
    enum { SLEPT = 50000000 };
    const int64_t begun = now(CLOCK_MONOTONIC), before = now(CLOCK_PROCESS_CPUTIME_ID);
    CHECK(nanosleep(&(struct timespec){.tv_nsec = SLEPT}, NULL) == 0);
    CHECK(now(CLOCK_MONOTONIC) - begun >= SLEPT);
    CHECK(now(CLOCK_PROCESS_CPUTIME_ID) - before < SLEPT / 100);
    return 0;
}
