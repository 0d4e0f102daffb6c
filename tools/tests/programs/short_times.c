// short_times SCENE: very short timers and sleeps, or a very long call, must not keep other processes from running. The
// checks compare the order of events, or instructions if the machine's clock counts these (-icount).
#include "check.h"

#include <sys/mman.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>

static struct {
    volatile unsigned long sleeps;
    volatile int begun, over;
}* shared;

static void busy(int loops) {
    for (volatile int i = 0; i < loops; ++i) continue;
}
static void sleep_for(long nanoseconds) { CHECK(nanosleep(&(struct timespec){0, nanoseconds}, NULL) == 0); }

static volatile unsigned long loops, loops_at_tick, ticks, stuck;
static void tick(int signal) {
    (void)signal;
    ++ticks;
    if (loops - loops_at_tick < 100) ++stuck;
    loops_at_tick = loops;
}

// The program makes progress between two timer signals.
static void timer(void) {
    CHECK(signal(SIGALRM, tick) != SIG_ERR);
    for (int microseconds = 1; microseconds < 20; microseconds += 3) {
        const struct itimerval value = {{0, microseconds}, {0, microseconds}}, off = {{0, 0}, {0, 0}};
        ticks = stuck = 0;
        CHECK(setitimer(ITIMER_REAL, &value, NULL) == 0);
        while (ticks < 10) ++loops;
        CHECK(setitimer(ITIMER_REAL, &off, NULL) == 0);
        CHECK(stuck <= 1);  // the first signal may come at once
    }
}

// Processes that sleep for a microsecond run seldom beside a busy process.
static void sleepers(void) {
    pid_t all[5];
    for (int i = 0; i < 5; ++i) {
        all[i] = fork();
        if (all[i] == 0)
            for (;; ++shared->sleeps) sleep_for(1000);
    }
    sleep_for(1000000);
    const unsigned long before = shared->sleeps;
    busy(3000000);  // at least 15 ms of instructions
    CHECK(shared->sleeps - before < 1000);
    for (int i = 0; i < 5; ++i) CHECK(kill(all[i], SIGKILL) == 0 && waitpid(all[i], NULL, 0) == all[i]);
}

// Two busy processes share the hart evenly, even if a third one sleeps and wakes all the time.
static void fair(void) {
    const pid_t sleeper = fork();
    if (sleeper == 0)
        for (;;) sleep_for(1000);
    const pid_t other = fork();
    if (other == 0) {
        while (!shared->begun) continue;
        for (;; ++shared->sleeps) busy(1000);
    }
    shared->begun = 1;
    unsigned long mine = 0;
    for (; mine < 20000; ++mine) busy(1000);
    CHECK(shared->sleeps < 2 * mine && mine < 2 * shared->sleeps);
    CHECK(kill(sleeper, SIGKILL) == 0 && waitpid(sleeper, NULL, 0) == sleeper);
    CHECK(kill(other, SIGKILL) == 0 && waitpid(other, NULL, 0) == other);
}

// A child announces the call and makes it. Others run meanwhile, and SIGKILL ends the call.
static void others_run_beside(void (*call)(void), int is_killed) {
    shared->begun = shared->over = 0;
    const pid_t child = fork();
    if (child == 0) {
        call();
        shared->over = 1;
        pause();
    }
    int beside = 0;
    while (!shared->begun) sleep_for(1000000);
    for (; !shared->over && beside < 3; ++beside) sleep_for(1000000);
    int status;
    CHECK(beside == 3);
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child && killed_by(status, SIGKILL));
    CHECK(!is_killed || !shared->over);
}

static void* memory(size_t size, int flags) {
    void* place = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    CHECK(place != MAP_FAILED);
    return place;
}

static void call_populate(void) {
    shared->begun = 1;
    memory(1UL << 33, MAP_POPULATE);
}
static void populate(void) { others_run_beside(call_populate, 1); }

static void call_getrandom(void) {
    enum { size = 1 << 20 };
    char* place = memory(size, 0);
    shared->begun = 1;
    for (int i = 0; i < 1000; ++i) CHECK(getrandom(place, size, 0) == size);
}
static void random_bytes(void) { others_run_beside(call_getrandom, 0); }

static void call_read(void) {
    enum { size = 200 << 20 };
    shared->begun = 1;
    (void)!getrandom(memory(size, 0), size, 0);
}
static void long_read(void) { others_run_beside(call_read, 1); }

static void call_fork(void) {
    enum { size = 60 << 20 };
    char* place = memory(size, 0);
    for (long at = 0; at < size; at += PAGE) place[at] = 1;
    shared->begun = 1;
    if (fork() == 0) _exit(0);
}
static void long_fork(void) { others_run_beside(call_fork, 0); }

int main(int count, char** words) {
    static const struct {
        const char* name;
        void (*function)(void);
    } scenes[] = {{"timer", timer},         {"sleepers", sleepers},   {"fair", fair},          {"populate", populate},
                  {"random", random_bytes}, {"long_read", long_read}, {"long_fork", long_fork}};
    shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED && count == 2);
    for (unsigned i = 0; i < sizeof(scenes) / sizeof(scenes[0]); ++i) {
        if (strcmp(scenes[i].name, words[1]) == 0) return scenes[i].function(), 0;
    }
    return 1;
}
