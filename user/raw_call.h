// Counts instructions, makes system calls and prints a figure without a libc: nothing around them would be counted too.
#pragma once

#include <stdint.h>
#include <sys/syscall.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#ifdef MODELLED_CYCLES
// The model (tools/bench/model.c) knows the first instruction, which does nothing, and puts the cycles into the word.
ALWAYS_INLINE uint64_t instructions(void) {
    uint64_t value;
    __asm__ volatile(
        ".balign 32\n .option push\n .option norvc\n"
        "lui zero, 0xc1c1e\n auipc %0, 0\n ld %0, 12(%0)\n j 1f\n .dword 0\n"
        "1: .option pop"
        : "=r"(value)::"memory");
    return value;
}
#else
ALWAYS_INLINE uint64_t instructions(void) {
    uint64_t value;
    __asm__ volatile("rdinstret %0" : "=r"(value)::"memory");
    return value;
}
#endif

ALWAYS_INLINE long call(long number, long a, long b, long c, long d) {
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = 0;
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7) : "memory");
    return a0;
}

// mmap(2) of zeros, with the arguments that call() does not have.
ALWAYS_INLINE long raw_mmap(long size, long protection, long flags) {
    register long a0 __asm__("a0") = 0;
    register long a1 __asm__("a1") = size;
    register long a2 __asm__("a2") = protection;
    register long a3 __asm__("a3") = flags;
    register long a4 __asm__("a4") = -1;
    register long a5 __asm__("a5") = 0;
    register long a7 __asm__("a7") = SYS_mmap;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
    return a0;
}

// Prints a line of bench: "row name 0 value". `name` ends with a space.
ALWAYS_INLINE void raw_row(const char* name, long length, uint64_t value) {
    char text[24];
    char* end = text + sizeof text;
    char* digit = end;
    *--digit = '\n';
    do *--digit = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    call(SYS_write, 1, (long)name, length, 0);
    call(SYS_write, 1, (long)digit, end - digit, 0);
}
