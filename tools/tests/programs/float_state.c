// Floating-point registers survive traps, switches and fork; each process has its own.
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static double series(double seed, int yields) {
    register double a = seed, b = seed / 3, c = seed / 7, d = 1 / seed;
    for (int i = 0; i < 20000; ++i) {
        a = a * 0.5 + b;
        b = b * 0.25 + c;
        c = c * 0.125 + d;
        d = d * 0.75 + seed;
        if (yields && i % 500 == 0) sched_yield();
    }
    return a + b + c + d;
}

int main(void) {
    volatile double before = 1.0 / 3.0;
    double expected[4];
    for (int n = 0; n < 4; ++n) expected[n] = series(n + 1, 0);
    pid_t children[4];
    for (int n = 0; n < 4; ++n) {
        register double live = before * n;
        children[n] = fork();
        CHECK(children[n] >= 0);
        if (children[n] == 0) {
            CHECK(live == before * n);
            for (int round = 0; round < 20; ++round) CHECK(series(n + 1, 1) == expected[n]);
            _exit(0);
        }
        CHECK(live == before * n);
    }
    for (int round = 0; round < 20; ++round) CHECK(series(1, 1) == expected[0]);
    for (int n = 0; n < 4; ++n) {
        int status = 0;
        CHECK(waitpid(children[n], &status, 0) == children[n] && status == 0);
    }
    return 0;
}
