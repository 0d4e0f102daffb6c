// Floating-point registers and fcsr survive system calls, page faults, switches and fork. A child has its own.
#include "check.h"

#include <sched.h>

#define EACH(do)                                                                                                   \
    do                                                                                                             \
    (0) do(1) do(2) do(3) do(4) do(5) do(6) do(7) do(8) do(9) do(10) do(11) do(12) do(13) do(14) do(15) do(16) do( \
        17) do(18) do(19) do(20) do(21) do(22) do(23) do(24) do(25) do(26) do(27) do(28) do(29) do(30) do(31)
#define LOAD(n) "fmv.d.x f" #n ", %0\n addi %0, %0, 1\n"
#define STORE(n) "fsd f" #n ", 8*" #n "(%0)\n"

static void load(uint64_t first, unsigned rounding) {
    __asm__ volatile(EACH(LOAD) : "+r"(first));
    __asm__ volatile("fsrm %0" ::"r"(rounding));
}
static void check(uint64_t first, unsigned rounding) {
    uint64_t f[32];
    unsigned seen;
    __asm__ volatile(EACH(STORE)::"r"(f) : "memory");
    __asm__ volatile("frrm %0" : "=r"(seen));
    for (unsigned n = 0; n < 32; ++n) CHECK(f[n] == first + n);
    CHECK(seen == rounding);
}

// A system call without the libc, which might use the registers.
static long call(long number, long argument) {
    register long a0 __asm__("a0") = argument;
    register long a1 __asm__("a1") = 0;
    register long a2 __asm__("a2") = 0;
    register long a3 __asm__("a3") = 0;
    register long a4 __asm__("a4") = 0;
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7) : "memory");
    return a0;
}

static void insist(uint64_t first, unsigned rounding) {
    for (int n = 0; n < 200; ++n) {
        load(first + (unsigned)n, rounding);
        call(124, 0);  // sched_yield: the other process runs
        static volatile char fresh[200 * PAGE];
        fresh[n * PAGE] = 1;  // a page fault
        check(first + (unsigned)n, rounding);
        CHECK(fresh[n * PAGE] == 1);
    }
}

int main(void) {
    load(1000, 2);
    long child = call(220, SIGCHLD);  // a fork by way of clone
    CHECK(child >= 0);
    check(1000, 2);
    if (child == 0) {
        insist(5000, 1);
        _exit(0);
    }
    insist(70000, 3);
    int status;
    CHECK(waitpid((pid_t)child, &status, 0) == child && exited_with(status, 0));
    // Timer interrupts arrive in the middle of this arithmetic.
    volatile double sum = 0;
    for (int n = 1; n < 3000000; ++n) sum += 0.5;
    CHECK(sum == 1499999.5);
    return 0;
}
