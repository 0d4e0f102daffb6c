// Accesses that no mapping allows end the process with SIGSEGV. wait4 reports that, and the parent continues.
#include "check.h"

#include <sys/mman.h>

static const char constant[PAGE] = {1};

static void store_to(uintptr_t address) { *(volatile char*)address = 1; }
static void load_from(uintptr_t address) { (void)*(volatile char*)address; }
static void jump_to(uintptr_t address) { ((void (*)(void))address)(); }

static void read_null(void) { load_from(0); }
static void write_null(void) { store_to(8); }
static void jump_null(void) { jump_to(0); }
static void read_kernel(void) { load_from(0xffffffff80200000u); }
static void write_kernel(void) { store_to(0xffffffc080200000u); }
static void jump_kernel(void) { jump_to(0xffffffff80200000u); }
static void read_non_canonical(void) { load_from((uintptr_t)1 << 47); }
static void write_text(void) { store_to((uintptr_t)&write_text); }
static void write_constant(void) { store_to((uintptr_t)constant + 100); }
static void read_gap(void) { load_from((uintptr_t)sbrk(0) + 64 * PAGE); }
static void run_data(void) {
    static unsigned data[] = {0x00008067};  // ret, if it could be executed
    jump_to((uintptr_t)data);
}
static void run_stack(void) {
    unsigned code[] = {0x00008067};
    jump_to((uintptr_t)code);
}
static void below_the_stack_limit(void) {
    int here;
    store_to((uintptr_t)&here - (64 << 20));
}
static void write_unmapped(void) {
    char* memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED && munmap(memory, PAGE) == 0);
    store_to((uintptr_t)memory);
}

int main(void) {
    void (*const crimes[])(void) = {
        read_null, write_null, jump_null, read_kernel,    write_kernel,   jump_kernel,           write_text,
        read_gap,  run_data,   run_stack, write_constant, write_unmapped, below_the_stack_limit, read_non_canonical};
    for (unsigned n = 0; n < sizeof crimes / sizeof crimes[0]; ++n) {
        int status = status_of(crimes[n]);
        if (!killed_by(status, SIGSEGV)) printf("crime %u: status %x\n", n, status);
        CHECK(killed_by(status, SIGSEGV));
    }
    return 0;
}
