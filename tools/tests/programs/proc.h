// Reads files in /proc.
#pragma once

#include "check.h"

#include <fcntl.h>

enum { contents_size = 16384 };

// Reads a whole file as a string. Returns its size.
static inline long read_all(const char* path, char* contents) {
    int file = open(path, O_RDONLY);
    if (file < 0) return -1;
    long size = 0, part;
    while (size < contents_size - 1 && (part = read(file, contents + size, (size_t)(contents_size - 1 - size))) > 0)
        size += part;
    close(file);
    contents[size] = 0;
    return size;
}

// The contents of /proc/PID/NAME, which must exist.
static inline const char* of_process(pid_t pid, const char* name) {
    static char contents[contents_size];
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    CHECK(read_all(path, contents) >= 0);
    return contents;
}

// The target of a link of this process.
static inline const char* link_of(const char* name) {
    static char text[4096];
    char path[64];
    snprintf(path, sizeof path, "/proc/self/%s", name);
    long size = readlink(path, text, sizeof text - 1);
    CHECK(size > 0);
    text[size] = 0;
    return text;
}

// The number after `name` and a blank at the beginning of a line; -1: there is none.
static inline long number_in(const char* contents, const char* name) {
    for (const char* line = contents; line != NULL && *line != 0; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, strlen(name)) == 0 && strchr(" \t", line[strlen(name)]) != NULL)
            return strtol(line + strlen(name), NULL, 10);
    }
    return -1;
}

// How many mappings the program has.
static inline int lines_of_maps(void) {
    FILE* maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    int lines = 0;
    for (int c; (c = getc(maps)) != EOF;) lines += c == '\n';
    fclose(maps);
    return lines;
}
