// Creates a folder under /tmp for a test of files. At the end the test must have emptied it.
#pragma once

#include "check.h"

#include <fcntl.h>
#include <sys/stat.h>

static char folder[] = "/tmp/ox-XXXXXX";

static inline void enter_folder(void) {
    umask(022);
    CHECK(mkdtemp(folder) != NULL && chdir(folder) == 0);
}

static inline void leave_folder(void) { CHECK(chdir("/") == 0 && rmdir(folder) == 0); }

static inline void make_file(const char* path, const char* text) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    CHECK(file >= 0 && write(file, text, strlen(text)) == (long)strlen(text) && close(file) == 0);
}

static inline int file_says(const char* path, const char* text) {
    char bytes[256];
    int file = open(path, O_RDONLY);
    CHECK(file >= 0);
    long size = read(file, bytes, sizeof bytes);
    close(file);
    return size == (long)strlen(text) && memcmp(bytes, text, (unsigned long)size) == 0;
}

static inline struct stat status_at(const char* path) {
    struct stat status;
    CHECK(lstat(path, &status) == 0);
    return status;
}
