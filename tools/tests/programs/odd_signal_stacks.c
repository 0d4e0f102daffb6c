// Handlers, and the stacks that they run on, at addresses that are nonsense. sigaltstack and sigaction accept them, and
// the signal then ends its process with SIGSEGV. Nothing is written beside the stack.
#include "check.h"

#include <sys/mman.h>
#include <sys/resource.h>

enum { SIZE = 16 * PAGE };
static char* memory;  // shared, so that the parent sees what a child that dies has written

static void nothing(int signal) { (void)signal; }
static void install(int signal, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_flags = flags};
    action.sa_handler = handler;
    sigfillset(&action.sa_mask);
    CHECK(sigaction(signal, &action, NULL) == 0);
}

static stack_t odd;
static void run_on_it(void) {
    install(SIGUSR1, nothing, SA_ONSTACK);
    CHECK(sigaltstack(&odd, NULL) == 0);
    raise(SIGUSR1);
}
static int ends_by_segv_on(uintptr_t start, size_t size) {
    odd = (stack_t){.ss_sp = (void*)start, .ss_size = size};
    return killed_by(status_of(run_on_it), SIGSEGV);
}

static void a_stack_has_to_be_writable_memory(void) {
    CHECK(ends_by_segv_on(0xffffffc080400000u, SIZE));
    CHECK(ends_by_segv_on(0xffffffff80200000u, SIZE));
    CHECK(ends_by_segv_on((uintptr_t)1 << 47, SIZE));
    CHECK(ends_by_segv_on(0, SIZE));
    CHECK(ends_by_segv_on((uintptr_t)-SIZE, SIZE));             // its end is address 0
    CHECK(ends_by_segv_on((uintptr_t)-SIZE, SIZE + PAGE));      // beyond the last address
    CHECK(ends_by_segv_on((uintptr_t)&nothing & -PAGE, SIZE));  // text
    CHECK(mprotect(memory + SIZE / 2, PAGE, PROT_READ) == 0);
    CHECK(ends_by_segv_on((uintptr_t)memory, SIZE / 2 + 64));  // the frame would begin below that page
    CHECK(mprotect(memory + SIZE / 2, PAGE, PROT_READ | PROT_WRITE) == 0);
}

static void again(int signal) {
    volatile char room[64];
    room[0] = (char)signal;
    if (room[0] == SIGUSR1) raise(SIGUSR1);
}
static void fill_it(void) {
    install(SIGUSR1, again, SA_ONSTACK | SA_NODEFER);
    sigset_t none;
    struct sigaction action;
    sigemptyset(&none);
    CHECK(sigaction(SIGUSR1, NULL, &action) == 0);
    action.sa_mask = none;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(sigaltstack(&(stack_t){.ss_sp = memory + SIZE / 2, .ss_size = SIZE / 2}, NULL) == 0);
    raise(SIGUSR1);
}
static void handlers_that_fill_the_stack_do_not_write_below_it(void) {
    memset(memory, 0x5a, SIZE);
    CHECK(killed_by(status_of(fill_it), SIGSEGV));
    CHECK(memory[SIZE - PAGE] != 0x5a || memory[SIZE - PAGE + 1] != 0x5a || memory[SIZE - 512] != 0x5a);
    for (int i = 0; i < SIZE / 2; ++i) CHECK(memory[i] == 0x5a);
}

static void* handler;
static void call_it(void) {
    install(SIGUSR1, (void (*)(int))handler, 0);
    raise(SIGUSR1);
}
// The fault in the handler is a SIGSEGV with the same handler, and so on until the stack is full.
static void call_it_for_ever(void) {
    struct sigaction action = {.sa_flags = SA_NODEFER | SA_ONSTACK};
    action.sa_handler = (void (*)(int))handler;
    CHECK(sigaltstack(&(stack_t){.ss_sp = memory, .ss_size = SIZE}, NULL) == 0);
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
    raise(SIGSEGV);
}
static void a_handler_has_to_be_code(void) {
    void* const bad[] = {(void*)0xffffffff80200000u, (void*)((uintptr_t)1 << 47), (void*)8, memory};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; ++i) {
        handler = bad[i];
        CHECK(killed_by(status_of(call_it), SIGSEGV));
    }
    handler = bad[0];
    CHECK(killed_by(status_of(call_it_for_ever), SIGSEGV));
}

static volatile int seen;
static void look(int signal) {
    sigset_t now;
    CHECK(sigprocmask(SIG_BLOCK, NULL, &now) == 0);
    seen = sigismember(&now, SIGTERM) && !sigismember(&now, SIGKILL) && !sigismember(&now, SIGSTOP) && signal != 0;
}
static void a_handlers_mask_cannot_block_sigkill_and_sigstop(void) {
    install(SIGUSR1, look, 0);
    CHECK(raise(SIGUSR1) == 0 && seen);
    sigset_t now;
    CHECK(sigprocmask(SIG_BLOCK, NULL, &now) == 0 && !sigismember(&now, SIGTERM));
}

int main(void) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    a_stack_has_to_be_writable_memory();
    handlers_that_fill_the_stack_do_not_write_below_it();
    a_handler_has_to_be_code();
    a_handlers_mask_cannot_block_sigkill_and_sigstop();
    return 0;
}
