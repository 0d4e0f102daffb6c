// How init and the shell run a program: like execvp(3), but machine code that exec refuses is not run as a script.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_machine_code(const char* path) {
    char magic[4] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = read(fd, magic, sizeof magic);
    close(fd);
    return got == sizeof magic && memcmp(magic, "\177ELF", sizeof magic) == 0;
}

// Returns only on failure, with errno set.
static void exec_file(const char* path, char** argv) {
    execv(path, argv);
    if (errno != ENOEXEC || is_machine_code(path)) return;
    size_t words = 0;
    while (argv[words] != NULL) ++words;
    char* script[words + 2];
    script[0] = "sh";
    script[1] = (char*)path;
    memcpy(script + 2, argv + 1, words * sizeof *argv);  // with the NULL at the end
    execv("/bin/sh", script);
}

static const char* reason_of(int error) {
    return error == ENOEXEC ? "not a static RISC-V program (link with -static)" : strerror(error);
}

// Returns only on failure: the reason.
static const char* run_program(char** argv) {
    char path[PATH_MAX];
    const char* folder = strchr(argv[0], '/') != NULL ? NULL : getenv("PATH");
    if (folder == NULL) exec_file(argv[0], argv);
    int reason = folder == NULL ? errno : ENOENT;
    for (; folder != NULL && reason != ENOEXEC; folder = *folder != 0 ? folder + 1 : NULL) {
        int length = (int)strcspn(folder, ":");
        snprintf(path, sizeof path, "%.*s%s%s", length, folder, length > 0 ? "/" : "", argv[0]);
        exec_file(path, argv);
        if (errno != ENOENT && errno != ENOTDIR) reason = errno;
        folder += length;
    }
    errno = reason;
    return reason == ENOENT && strchr(argv[0], '/') == NULL ? "command not found" : reason_of(reason);
}
