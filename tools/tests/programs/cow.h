// For tests of copy-on-write from outside: the memory of a test case, and a second process, in turns.
#pragma once

#include "check.h"

#include <sys/mman.h>

enum { pages = 4, length = pages * PAGE };

static inline void fill(char* memory, char value) { memset(memory, value, length); }

static inline int all_are(const char* memory, char value) {
    for (int i = 0; i < length; ++i) {
        if (memory[i] != value) return 0;
    }
    return 1;
}

static inline char* private_memory(void) {
    char* memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

// Each process tells the other one when its turn is over, and waits for it.
struct turns {
    int forth[2], back[2];
    pid_t child;
};

// Forks the second process; returns 0 in the child.
static inline pid_t begin_turns(struct turns* turns) {
    CHECK(pipe(turns->forth) == 0 && pipe(turns->back) == 0);
    turns->child = fork();
    CHECK(turns->child >= 0);
    return turns->child;
}

static inline void give_turn(const struct turns* turns) {
    CHECK(write(turns->child != 0 ? turns->forth[1] : turns->back[1], "x", 1) == 1);
}

static inline void take_turn(const struct turns* turns) {
    char byte;
    CHECK(read(turns->child != 0 ? turns->back[0] : turns->forth[0], &byte, 1) == 1);
}

static inline void end_turns(const struct turns* turns) {
    if (turns->child == 0) _exit(0);
    int status;
    CHECK(waitpid(turns->child, &status, 0) == turns->child && status == 0);
    for (int end = 0; end < 2; ++end) CHECK(close(turns->forth[end]) == 0 && close(turns->back[end]) == 0);
}
