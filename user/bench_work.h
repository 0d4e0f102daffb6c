// Work that users do: a command from its fork to its end, and processes that are born beside a large heap or in a
// crowd.
#pragma once

#include <fcntl.h>
#include <spawn.h>

#include "bench_base.h"

static void finish(pid_t child, const char* name) {
    int status = 0;
    must(child, "fork");
    if (waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "bench: %s ended with status %x\n", name, (unsigned)status);
        _exit(1);
    }
}

// What the command prints is thrown away.
static int work(const char* name, char** command) {
    make_dev_null();
    uint64_t start = instructions();
    pid_t child = fork();
    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY), 1);
        execvp(command[0], command);
        _exit(127);
    }
    finish(child, command[0]);
    row("work", name, 0, instructions() - start);
    return 0;
}

static pid_t fork_and_exec(char** command) {
    pid_t child = fork();
    if (child == 0) {
        execv(command[0], command);
        _exit(127);
    }
    return child;
}

static pid_t spawn(char** command) {
    pid_t child;
    return posix_spawn(&child, command[0], NULL, NULL, command, NULL) == 0 ? child : -1;
}

static void births_beside_a_heap(const char* name, pid_t (*give_birth)(char**)) {
    static char path[] = "/bin/true";
    char* command[] = {path, NULL};
    volatile char* heap = map_pages(most_pages);
    write_pages(heap, most_pages);
    uint64_t start = instructions();
    for (int n = 0; n < 20; ++n) finish(give_birth(command), path);
    row("work", name, most_pages, instructions() - start);
    unmap_pages(heap, most_pages);
}

static void crowd(void) {
    enum { many = 1000 };
    static pid_t child[many];
    uint64_t start = instructions();
    for (int n = 0; n < many; ++n) {
        child[n] = fork();
        must(child[n], "fork");
        while (child[n] == 0) pause();
    }
    for (int n = 0; n < many; ++n) kill(child[n], SIGKILL);
    for (int n = 0; n < many; ++n) waitpid(child[n], NULL, 0);
    row("work", "born_and_killed", many, instructions() - start);
}

static int births(void) {
    births_beside_a_heap("fork_and_exec_20_times", fork_and_exec);
    births_beside_a_heap("posix_spawn_20_times", spawn);
    crowd();
    return 0;
}
