// The end of a child makes its parent runnable on the child's hart, and that hart runs it at once: it does not wait for
// an interrupt first. (The test counts instructions under -icount, with two harts or more.)
//
// This is process 1, and it works on a hart of its own all the time. If it slept, each exit would wake it, and the
// child's hart would have a thread to run anyway.
#include "clock.h"

enum { rounds = 100, slice = 10000000 };

static void fork_and_wait(void) {
    const int64_t begun = now(CLOCK_MONOTONIC);
    for (int i = 0; i < rounds; ++i) {
        if (fork() == 0) _exit(0);
        CHECK(wait(NULL) > 0);
    }
    // A hart that waited for its timer would take a slice for each round.
    CHECK(now(CLOCK_MONOTONIC) - begun < rounds * slice / 10);
}

int main(void) {
    int status;
    pid_t ended, worker = fork();
    if (worker == 0) fork_and_wait(), _exit(0);
    while ((ended = waitpid(worker, &status, WNOHANG)) == 0) continue;
    CHECK(ended == worker && exited_with(status, 0));
    return 0;
}
