// Illegal instructions end a process with SIGILL, breakpoints with SIGTRAP.
#include "check.h"

static void illegal(void) { __asm__ volatile(".word 0"); }
static void privileged(void) { __asm__ volatile("csrr t0, sstatus" ::: "t0"); }
static void breakpoint(void) { __asm__ volatile("ebreak"); }
static void odd_floating_point(void) { __asm__ volatile("csrw frm, 5; fadd.d ft0, ft0, ft0, dyn"); }

int main(void) {
    CHECK(killed_by(status_of(illegal), SIGILL));
    CHECK(killed_by(status_of(privileged), SIGILL));
    CHECK(killed_by(status_of(breakpoint), SIGTRAP));
    CHECK(killed_by(status_of(odd_floating_point), SIGILL));
    return 0;
}
