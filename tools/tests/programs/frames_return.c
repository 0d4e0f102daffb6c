// No frame is lost: after each action the machine has as many free frames as before. Only ox counts them exactly.
#include "check.h"

#include <sys/mman.h>
#include <time.h>

static char area[64 * PAGE];

static void nothing(void) {}
static void write_area(void) { memset(area, 1, sizeof area); }
static void use_pipes(void) {
    int p[2];
    for (int n = 0; n < 20; ++n) {
        CHECK(pipe(p) == 0);
        CHECK(write(p[1], area, sizeof area / 8) == sizeof area / 8);
    }
}
static void map_and_unmap(void) {
    for (int n = 0; n < 50; ++n) {
        char* memory = mmap(NULL, 100 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(memory != MAP_FAILED);
        for (int i = 0; i < 100; i += 3) memory[i * PAGE] = 1;
        CHECK(munmap(memory + 10 * PAGE, 80 * PAGE) == 0);
    }
}
static void crash(void) { *(volatile char*)8 = 1; }
static void have_children(void) {
    for (int n = 0; n < 8; ++n) {
        if (fork() == 0) {
            area[n * PAGE] = 1;
            _exit(0);
        }
        area[n * PAGE] = 2;
    }
    while (wait(NULL) > 0) continue;
}
static void fail_to_exec(void) {
    char* arguments[] = {"x", NULL};
    for (int n = 0; n < 10; ++n) CHECK(execve("/no/such/program", arguments, NULL) == -1);
}

int main(void) {
    void (*const deeds[])(void) = {nothing, write_area, use_pipes, map_and_unmap, have_children, crash, fail_to_exec};
    for (int n = 0; n < 64; ++n) area[n * PAGE] = 7;
    for (int n = 0; n < 7; ++n) {
        (void)status_of(deeds[n]);  // the first run also takes memory that stays: this process's own tables
        unsigned long before = free_bytes();
        (void)status_of(deeds[n]);
        unsigned long after = free_bytes();
        if (after != before) printf("deed %d: %ld frames are missing\n", n, (long)(before - after) / PAGE);
        CHECK(after == before);
    }
    return 0;
}
