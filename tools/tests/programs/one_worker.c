// One process that forks a child and waits for it, again and again, has work for one hart: the others stay idle. A
// process that goes on beside its child has work for two.
//
//     one_worker         fork, then wait
//     one_worker both    fork, then work as long as the child does
#include "check.h"

#include <sched.h>

enum { forks = 3000, work = 30000000, most = 8 };

// The time that each hart has worked, in hundredths of a second. Returns the number of harts.
static int busy(long time[most]) {
    char line[256];
    int harts = 0;
    FILE* file = fopen("/proc/stat", "r");
    CHECK(file != NULL);
    while (harts < most && fgets(line, sizeof line, file) != NULL) {
        long user, nice, system;
        if (sscanf(line, "cpu%*[0-9] %ld %ld %ld", &user, &nice, &system) == 3) time[harts++] = user + nice + system;
    }
    CHECK(fclose(file) == 0);
    return harts;
}

static void compute(void) {
    for (volatile int i = 0; i < work; ++i) continue;
}

int main(int argc, char** argv) {
    (void)argv;
    long before[most], after[most], all = 0, longest = 0;
    int harts = busy(before);
    if (argc > 1) {
        if (fork() == 0) compute(), _exit(0);
        compute();
        CHECK(wait(NULL) > 0);
    } else {
        for (int i = 0; i < forks; ++i) {
            if (fork() == 0) _exit(0);
            CHECK(wait(NULL) > 0);
        }
    }
    CHECK(busy(after) == harts);
    for (int i = 0; i < harts; ++i) {
        long time = after[i] - before[i];
        printf("hart %d: %ld\n", i, time);
        all += time;
        if (time > longest) longest = time;
    }
    CHECK(all >= 10);
    CHECK(argc > 1 ? longest * 100 <= all * 65 : longest * 100 >= all * 80);
    return 0;
}
