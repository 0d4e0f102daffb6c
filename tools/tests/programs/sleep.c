// Clocks go forward. A sleep lasts at least as long as requested, and not much longer.
#include "clock.h"

int main(void) {
    int64_t start = now(CLOCK_MONOTONIC);
    for (int n = 0; n < 1000; ++n) {
        int64_t next = now(CLOCK_MONOTONIC);
        CHECK(next >= start && next < start + 60000000000ll);
        start = next;
    }
    CHECK(nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL) == 0);
    int64_t slept = now(CLOCK_MONOTONIC) - start;
    CHECK(slept >= 30000000 && slept < 5000000000ll);

    struct timespec later;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &later) == 0);
    later.tv_nsec += 20000000;
    if (later.tv_nsec >= 1000000000) ++later.tv_sec, later.tv_nsec -= 1000000000;
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &later, NULL) == 0);
    CHECK(now(CLOCK_MONOTONIC) >= later.tv_sec * 1000000000ll + later.tv_nsec);
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){0}, NULL) == 0);  // long past
    CHECK(nanosleep(&(struct timespec){0}, NULL) == 0);

    CHECK(now(CLOCK_REALTIME) > 0 || now(CLOCK_REALTIME) == 0);
    CHECK_ERROR(nanosleep(&(struct timespec){.tv_nsec = 1000000000}, NULL), EINVAL);
    CHECK_ERROR(nanosleep(&(struct timespec){.tv_sec = -1}, NULL), EINVAL);
    CHECK_ERROR(clock_gettime(1234, &later), EINVAL);

    // Several sleepers wake, each of them; the order is unspecified.
    int p[2];
    CHECK(pipe(p) == 0);
    for (int n = 0; n < 4; ++n) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child > 0) continue;
        int turn = 3 - n;
        nanosleep(&(struct timespec){.tv_nsec = 30000000 + 60000000 * turn}, NULL);
        char c = (char)turn;
        CHECK(write(p[1], &c, 1) == 1);
        _exit(0);
    }
    int woken = 0;
    for (int n = 0; n < 4; ++n) {
        char c;
        CHECK(read(p[0], &c, 1) == 1 && (unsigned char)c < 4);
        woken |= 1 << c;
    }
    CHECK(woken == 15);
    while (wait(NULL) > 0) continue;
    return 0;
}
