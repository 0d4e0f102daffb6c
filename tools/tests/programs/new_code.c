// Code that a program writes while it runs: through a mapping of its own, or by mprotect. Every hart that runs it
// afterwards runs the new code, whoever has run what stood there before. (For RISC-V only.)
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { flush_icache = 259, rounds = 40 };  // asm/unistd.h: __NR_riscv_flush_icache

// A function that returns `number`: li a0, number; ret.
static void write_function(volatile uint32_t* code, int number) {
    code[0] = (uint32_t)number << 20 | 0x513;
    code[1] = 0x8067;
}
static int call(void* code) { return ((int (*)(void))code)(); }

static void test_two_mappings(void) {
    int file = open("/tmp/code", O_RDWR | O_CREAT, 0600);
    CHECK(file >= 0 && ftruncate(file, PAGE) == 0);
    void* to_write = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    void* to_run = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
    CHECK(to_write != MAP_FAILED && to_run != MAP_FAILED);
    for (int i = 0; i < rounds; ++i) {
        write_function(to_write, i);
        CHECK(syscall(flush_icache, to_run, (char*)to_run + 8, i & 1) == 0);
        if (fork() == 0) _exit(call(to_run) == i ? 0 : 1);  // it runs on another hart, if there is one
        CHECK(call(to_run) == i);
        int status;
        CHECK(wait(&status) > 0 && status == 0);
    }
    CHECK(unlink("/tmp/code") == 0);
}

static void test_mprotect(void) {
    void* code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(code != MAP_FAILED);
    for (int i = 0; i < rounds; ++i) {
        CHECK(mprotect(code, PAGE, PROT_READ | PROT_WRITE) == 0);
        write_function(code, i);
        CHECK(mprotect(code, PAGE, PROT_READ | PROT_EXEC) == 0);
        if (fork() == 0) _exit(call(code) == i ? 0 : 1);
        CHECK(call(code) == i);
        int status;
        CHECK(wait(&status) > 0 && status == 0);
    }
}

int main(void) {
    test_two_mappings();
    test_mprotect();
    CHECK_ERROR(syscall(flush_icache, 0, 0, 2), EINVAL);
    return 0;
}
