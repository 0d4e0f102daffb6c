// What the random walks share: a random generator that is the same everywhere, and one line of output for each step.
#pragma once

#include "check.h"

#include <stdarg.h>

static uint64_t walk_state;
static char line[400];  // one step's line, printed in one piece

static inline unsigned below(unsigned limit) {
    walk_state = walk_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(walk_state >> 33) % limit;
}

static inline unsigned sum(const char* bytes, size_t size) {
    unsigned all = 0;
    for (size_t i = 0; i < size; ++i) all = all * 31 + (unsigned char)bytes[i];
    return all;
}

__attribute__((format(printf, 1, 2))) static inline void say(const char* format, ...) {
    const size_t end = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + end, sizeof line - end, format, arguments);
    va_end(arguments);
}

static inline void start_walk(const char* seed) { walk_state = strtoull(seed, NULL, 10) * 0x9e3779b97f4a7c15u; }

// Makes a call, which describes itself in the line, and appends its answer.
static inline void take_step(int number, long (*call)(void)) {
    line[0] = 0;
    say("%d:", number);
    errno = 0;
    const long result = call();
    say(" = %ld %d", result, result < 0 ? errno : 0);
}
