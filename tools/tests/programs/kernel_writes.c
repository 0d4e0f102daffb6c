// The kernel's own writes to user memory (read, wait4, pipe2, clock_gettime) copy shared pages, as stores do.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

enum { page = 4096 };

static void kernel_stores(int kind, char* to) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    switch (kind) {
        case 0:
            CHECK(write(ends[1], "ABCDEFGH", 8) == 8);
            CHECK(read(ends[0], to, 8) == 8);
            CHECK(memcmp(to, "ABCDEFGH", 8) == 0);
            break;
        case 1:
            CHECK(pipe2((int*)to, O_CLOEXEC) == 0);
            CHECK(((int*)to)[0] > 2);
            break;
        case 2:
            CHECK(clock_gettime(CLOCK_MONOTONIC, (struct timespec*)to) == 0);
            CHECK(((struct timespec*)to)->tv_nsec != 0x5a5a5a5a5a5a5a5a);
            break;
        default: {
            pid_t grandchild = fork();
            CHECK(grandchild >= 0);
            if (grandchild == 0) _exit(3);
            CHECK(waitpid(grandchild, (int*)to, 0) == grandchild);
            CHECK(WEXITSTATUS(*(int*)to) == 3);
        }
    }
}

int main(void) {
    char* memory = mmap(0, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    for (int kind = 0; kind < 4; ++kind) {
        // The result lies inside a page or, if the kernel's structure can, across two pages.
        for (int place = 0; place < 2; ++place) {
            char* to = memory + (place == 0 ? 1024 : page - 4);
            if (kind != 0 && place == 1) continue;
            memset(memory, 0x5a, 2 * page);
            pid_t child = fork();
            CHECK(child >= 0);
            if (child == 0) {
                kernel_stores(kind, to);
                _exit(0);
            }
            int status = 0;
            CHECK(waitpid(child, &status, 0) == child && status == 0);
            for (int i = 0; i < 2 * page; ++i) CHECK(memory[i] == 0x5a);
            kernel_stores(kind, to);
        }
    }
    // The kernel may not write where the user may not.
    int ends[2];
    CHECK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
    CHECK(mprotect(memory, page, PROT_READ) == 0);
    CHECK(read(ends[0], memory, 1) == -1 && errno == EFAULT);
    CHECK(read(ends[0], (void*)0xffffffc080200000, 1) == -1 && errno == EFAULT);
    void* volatile nowhere = (void*)8;
    CHECK(write(ends[1], nowhere, 1) == -1 && errno == EFAULT);
    CHECK(memory[0] == 0x5a);
    return 0;
}
