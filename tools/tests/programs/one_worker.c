// One process that forks a child and waits for it, again and again, has work for one hart: the others stay idle. Two of
// them have work for two, and so has a process that goes on beside its child.
//
//     one_worker         fork, then wait
//     one_worker two     two processes that do so
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

static void fork_and_wait(void) {
    for (int i = 0; i < forks; ++i) {
        const pid_t child = fork();
        if (child == 0) _exit(0);
        CHECK(waitpid(child, NULL, 0) == child);
    }
}

int main(int argc, char** argv) {
    long before[most], after[most], all = 0, longest = 0;
    int harts = busy(before);
    void (*const worker)(void) = argc > 1 && strcmp(argv[1], "both") == 0 ? compute : fork_and_wait;
    if (argc > 1 && fork() == 0) worker(), _exit(0);
    worker();
    CHECK(argc == 1 || wait(NULL) > 0);
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
