// A fault ends a process with the signal that Linux sends for it, and its parent sees which.
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static const int constant = 1;
static int variable = 1;

static void store_to_null(void) { *(volatile int*)0 = 1; }
static void load_from_null(void) { (void)*(volatile int*)0; }
static void store_to_constant(void) { *(volatile int*)&constant = 2; }
static void store_to_text(void) { *(volatile int*)(void*)&store_to_text = 2; }
static void store_to_kernel(void) { *(volatile int*)0xffffffff80200000 = 1; }
static void load_from_kernel(void) { (void)*(volatile int*)0xffffffff80200000; }
static void load_from_direct_map(void) { (void)*(volatile int*)0xffffffc080200000; }
static void load_beyond_user_memory(void) { (void)*(volatile int*)0x4000000000; }
static void load_from_hole(void) { (void)*(volatile long*)0x1234567890; }
static void execute_data(void) { ((void (*)(void))(void*)&variable)(); }
static void jump_to_null(void) { ((void (*)(void))0)(); }
static void store_to_read_only_page(void) {
    volatile char* page = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[5] = 1;
}
static void load_from_unmapped_page(void) {
    volatile char* page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[5] = 1;
    munmap((void*)page, 4096);
    (void)page[5];
}
static void store_to_sealed_page(void) {
    volatile char* page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[5] = 1;
    CHECK(mprotect((void*)page, 4096, PROT_READ) == 0);
    page[5] = 2;
}
static void illegal_instruction(void) { __asm__ volatile(".word 0"); }
static void read_a_privileged_register(void) { __asm__ volatile("csrr t0, sstatus" ::: "t0"); }
static void breakpoint(void) { __asm__ volatile("ebreak"); }
static void abort_itself(void) { abort(); }

static const struct {
    const char* name;
    void (*act)(void);
    int signal;
} cases[] = {
    {"store to null", store_to_null, SIGSEGV},
    {"load from null", load_from_null, SIGSEGV},
    {"store to a constant", store_to_constant, SIGSEGV},
    {"store to text", store_to_text, SIGSEGV},
    {"store to the kernel", store_to_kernel, SIGSEGV},
    {"load from the kernel", load_from_kernel, SIGSEGV},
    {"load from the direct map", load_from_direct_map, SIGSEGV},
    {"load beyond user memory", load_beyond_user_memory, SIGSEGV},
    {"load from a hole", load_from_hole, SIGSEGV},
    {"execute data", execute_data, SIGSEGV},
    {"jump to null", jump_to_null, SIGSEGV},
    {"store to a read-only page", store_to_read_only_page, SIGSEGV},
    {"load from an unmapped page", load_from_unmapped_page, SIGSEGV},
    {"store to a sealed page", store_to_sealed_page, SIGSEGV},
    {"illegal instruction", illegal_instruction, SIGILL},
    {"privileged register", read_a_privileged_register, SIGILL},
    {"breakpoint", breakpoint, SIGTRAP},
    {"abort", abort_itself, SIGABRT},
};

int main(void) {
    int failures = 0;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            cases[i].act();
            _exit(77);
        }
        int status = 0;
        CHECK(waitpid(child, &status, 0) == child);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != cases[i].signal) {
            printf("%s: status %#x instead of signal %d\n", cases[i].name, (unsigned)status, cases[i].signal);
            ++failures;
        }
    }
    return failures != 0;
}
