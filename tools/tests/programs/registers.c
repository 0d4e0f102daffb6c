// All integer registers except a0 survive a system call, and all of them survive page faults, interrupts and switches.
#include "check.h"

#define SAVED "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11"
#define REST "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a1", "a2", "a3", "a4", "a5", "a6"

// Fills 23 registers with n, n + 1, ..., executes `what`, and counts the registers that differ.
#define PROBE(what)                                                                                               \
    "li s2, 102\n li s3, 103\n li s4, 104\n li s5, 105\n li s6, 106\n li s7, 107\n li s8, 108\n li s9, 109\n"     \
    "li s10, 110\n li s11, 111\n li t1, 112\n li t2, 113\n li t3, 114\n li t4, 115\n li t5, 116\n li t6, 117\n"   \
    "li a1, 118\n li a2, 119\n li a3, 120\n li a4, 121\n li a5, 122\n li a6, 123\n" what                          \
    "\n li %0, 0\n"                                                                                               \
    "addi s2, s2, -102\n or %0, %0, s2\n addi s3, s3, -103\n or %0, %0, s3\n addi s4, s4, -104\n or %0, %0, s4\n" \
    "addi s5, s5, -105\n or %0, %0, s5\n addi s6, s6, -106\n or %0, %0, s6\n addi s7, s7, -107\n or %0, %0, s7\n" \
    "addi s8, s8, -108\n or %0, %0, s8\n addi s9, s9, -109\n or %0, %0, s9\n addi s10, s10, -110\n"               \
    "or %0, %0, s10\n addi s11, s11, -111\n or %0, %0, s11\n addi t1, t1, -112\n or %0, %0, t1\n"                 \
    "addi t2, t2, -113\n or %0, %0, t2\n addi t3, t3, -114\n or %0, %0, t3\n addi t4, t4, -115\n or %0, %0, t4\n" \
    "addi t5, t5, -116\n or %0, %0, t5\n addi t6, t6, -117\n or %0, %0, t6\n addi a1, a1, -118\n or %0, %0, a1\n" \
    "addi a2, a2, -119\n or %0, %0, a2\n addi a3, a3, -120\n or %0, %0, a3\n addi a4, a4, -121\n or %0, %0, a4\n" \
    "addi a5, a5, -122\n or %0, %0, a5\n addi a6, a6, -123\n or %0, %0, a6\n"

int main(void) {
    static char fresh[512 * PAGE];
    for (int n = 0; n < 512; ++n) {
        long wrong;
        register char* at __asm__("a0") = fresh + n * PAGE;
        __asm__ volatile(PROBE("sb zero, 0(a0)") : "=&r"(wrong), "+r"(at)::"memory", SAVED, REST);
        CHECK(wrong == 0);
    }
    for (int n = 0; n < 500; ++n) {
        long wrong;
        register long number __asm__("a7") = n % 2 == 0 ? 124 : 172;  // sched_yield, getpid
        __asm__ volatile(PROBE("ecall") : "=&r"(wrong) : "r"(number) : "memory", "a0", SAVED, REST);
        CHECK(wrong == 0);
    }
    for (int n = 0; n < 20; ++n) {
        long wrong;
        register long count __asm__("a0") = 200000;
        __asm__ volatile(PROBE("0: addi a0, a0, -1\n bnez a0, 0b") : "=&r"(wrong), "+r"(count)::"memory", SAVED, REST);
        CHECK(wrong == 0);
    }
    return 0;
}
