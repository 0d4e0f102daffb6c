// brk, mmap, munmap and mprotect: zeros at first, what was written later, errors as Linux has them.
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { page = 4096, many = 1100 };

static char* anonymous(size_t size, int protection) {
    char* memory = mmap(0, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

static void heap_grows_and_shrinks(void) {
    char* start = sbrk(0);
    CHECK(sbrk(many * page + 123) == start);
    for (int i = 0; i < many; ++i) CHECK(start[i * page] == 0);
    for (int i = 0; i < many; ++i) start[i * page] = 1;
    CHECK(sbrk(0) == start + many * page + 123);
    CHECK(brk(start + page) == 0);
    CHECK(brk(start + many * page) == 0);
    CHECK(start[0] == 1 || start[page - 1] == 0);
    CHECK(brk(start) == 0);
    CHECK(brk((void*)0x3fffff0000) == -1 && errno == ENOMEM);
    CHECK(sbrk(0) == start);
}

static void maps_come_and_go(void) {
    char* memory = anonymous((size_t)many * page, PROT_READ | PROT_WRITE);
    for (int i = 0; i < many; i += 2) CHECK(memory[i * page] == 0);
    for (int i = 0; i < many; ++i) memory[i * page + 7] = (char)i;
    CHECK(munmap(memory + 3 * page, (size_t)600 * page) == 0);
    CHECK(memory[2 * page + 7] == 2 && memory[603 * page + 7] == (char)603);
    char* again = mmap(memory + 3 * page, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(again == memory + 3 * page && again[7] == 0);
    CHECK(munmap(memory, (size_t)many * page) == 0);
}

static void protection_changes(void) {
    char* memory = anonymous(4 * page, PROT_READ | PROT_WRITE);
    memory[page] = 5;
    CHECK(mprotect(memory + page, page, PROT_READ) == 0 && memory[page] == 5);
    CHECK(mprotect(memory, 4 * page, PROT_NONE) == 0);
    CHECK(mprotect(memory, 4 * page, PROT_READ | PROT_WRITE) == 0 && memory[page] == 5);
    memory[page] = 6;
    CHECK(munmap(memory, 4 * page) == 0);
    CHECK(mprotect(memory, page, PROT_READ) == -1 && errno == ENOMEM);
}

static void wrong_arguments(void) {
    char* memory = anonymous(page, PROT_READ);
    CHECK(munmap(memory + 1, page) == -1 && errno == EINVAL);
    CHECK(munmap(memory, 0) == -1 && errno == EINVAL);
    CHECK(mprotect(memory + 1, page, PROT_READ) == -1 && errno == EINVAL);
    CHECK(mmap(0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
    CHECK(mmap(0, (size_t)1 << 50, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ENOMEM);
}

static void stack_grows(void) {
    volatile char large[3 << 20];
    for (size_t at = 0; at < sizeof large; at += page) large[sizeof large - 1 - at] = 1;
    CHECK(large[sizeof large - 1] == 1);
}

int main(void) {
    heap_grows_and_shrinks();
    maps_come_and_go();
    protection_changes();
    wrong_arguments();
    stack_grows();
    return 0;
}
