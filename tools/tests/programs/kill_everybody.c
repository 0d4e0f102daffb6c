// kill(-1, SIGKILL) also reaches processes that are just being created. On the host it refuses to run: there it would
// kill everything.
#include "check.h"

#include <sched.h>
#include <sys/mman.h>

enum { ROUNDS = 150, LINES = 8 };

// Forks and exits, generation after generation.
static void live_on(volatile unsigned long* births) {
    for (;;) {
        if (fork() > 0) _exit(0);
        __atomic_fetch_add(births, 1, __ATOMIC_RELAXED);
    }
}

int main(void) {
    if (!on_ox()) return 0;
    volatile unsigned long* births = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(births != MAP_FAILED);
    for (int round = 0; round < ROUNDS; ++round) {
        const unsigned long before = *births;
        for (int line = 0; line < LINES; ++line) {
            if (fork() == 0) live_on(births);
        }
        while (*births - before < 20) sched_yield();
        CHECK(kill(-1, SIGKILL) == 0);
        const unsigned long now = *births;
        while (kill(-1, 0) == 0) {  // until init has reaped the last one
            CHECK(*births - now < 100);
            while (waitpid(-1, NULL, WNOHANG) > 0) continue;
            sched_yield();
        }
    }
    return 0;
}
