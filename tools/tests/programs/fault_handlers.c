// Faults as signals: the handler's arguments, the stack that it runs on, and the registers before and after it.
#include "check.h"

#include <setjmp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>

static sigjmp_buf back;
static volatile int last_signal, last_code;
static void* volatile last_address;
static char* volatile handler_sp;

static void jump(int signal, siginfo_t* info, void* context) {
    (void)context;
    char here;
    handler_sp = &here;
    last_signal = signal;
    last_code = info->si_code;
    last_address = info->si_addr;
    siglongjmp(back, 1);
}
static void install(int signal, void (*handler)(int, siginfo_t*, void*), int flags) {
    struct sigaction action = {.sa_flags = SA_SIGINFO | flags};
    action.sa_sigaction = handler;
    CHECK(sigaction(signal, &action, NULL) == 0);
}

static void details(void) {
    install(SIGSEGV, jump, 0);
    install(SIGTRAP, jump, 0);
    char* page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    if (sigsetjmp(back, 1) == 0) *(volatile char*)(page + 5) = 1;
    CHECK(last_signal == SIGSEGV && last_code == SEGV_ACCERR && last_address == page + 5);
    CHECK(munmap(page, PAGE) == 0);
    if (sigsetjmp(back, 1) == 0) (void)*(volatile char*)(page + 7);
    CHECK(last_code == SEGV_MAPERR && last_address == page + 7);
#ifdef __riscv
    if (sigsetjmp(back, 1) == 0) __asm__ volatile("ebreak");
    CHECK(last_signal == SIGTRAP && last_code == TRAP_BRKPT);
#endif
}

static void no_core(void) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    signal(SIGSEGV, SIG_DFL);
}
static void blocked(void) {
    no_core();
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGSEGV);
    sigprocmask(SIG_BLOCK, &set, NULL);
    *(volatile char*)bad_pointer = 1;
}
static void ignored(void) {
    no_core();
    signal(SIGSEGV, SIG_IGN);
    *(volatile char*)bad_pointer = 1;
}
static void within(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)info, (void)context;
    *(volatile char*)bad_pointer = 1;
}
static void twice(void) {
    no_core();
    install(SIGSEGV, within, 0);
    *(volatile char*)bad_pointer = 1;
}
#pragma GCC diagnostic ignored "-Winfinite-recursion"
static int recurse(volatile char* above) {
    volatile char here[4096];
    here[0] = above[0];
    return recurse(here) + here[0];
}
static void overflow(void) {
    no_core();
    install(SIGSEGV, jump, 0);  // the signal has no room on the stack
    char c = 0;
    recurse(&c);
}

static char other[65536];
static void alternate_stack(void) {
    stack_t stack = {.ss_sp = other, .ss_size = sizeof other}, old;
    CHECK(sigaltstack(NULL, &old) == 0 && old.ss_flags == SS_DISABLE);
    CHECK_ERROR(sigaltstack(&(stack_t){.ss_sp = other, .ss_size = 100}, NULL), ENOMEM);
    CHECK_ERROR(sigaltstack(&(stack_t){.ss_sp = other, .ss_size = sizeof other, .ss_flags = 64}, NULL), EINVAL);
    CHECK(sigaltstack(&stack, NULL) == 0);
    CHECK(sigaltstack(NULL, &old) == 0 && old.ss_sp == other && old.ss_size == sizeof other && old.ss_flags == 0);
    install(SIGSEGV, jump, SA_ONSTACK);
    char c = 0;
    if (sigsetjmp(back, 1) == 0) recurse(&c);
    CHECK(handler_sp > other && handler_sp < other + sizeof other);
    CHECK(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL) == 0);
}

static volatile int states;
static void on_it(int signal) {
    (void)signal;
    stack_t now;
    CHECK(sigaltstack(NULL, &now) == 0);
    states = now.ss_flags;
    CHECK_ERROR(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL), EPERM);
}
static void honest(void) {
    CHECK(sigaltstack(&(stack_t){.ss_sp = other, .ss_size = sizeof other}, NULL) == 0);
    struct sigaction action = {.sa_flags = SA_ONSTACK};
    action.sa_handler = on_it;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0 && raise(SIGUSR1) == 0 && states == SS_ONSTACK);
    CHECK(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL) == 0);
}

static void spoil(int signal) {
    volatile double x = signal;
    for (int n = 0; n < 100; ++n) x = x * 1.5 + n;
    CHECK(x > 1);
}
#ifdef __riscv
// All registers and the pc are restored, floating-point registers too, even if the handler changes them in its frame.
static void registers(void) {
    signal(SIGUSR1, spoil);
    double kept = 0;
    long pid = getpid(), rounding = 0;
    __asm__ volatile(
        "fsrmi 3\n fcvt.d.l fs5, %2\n fcvt.d.l ft3, %2\n mv s11, %2\n mv t6, %2\n mv a0, %2\n li a1, 10\n li a7, 129\n"
        "ecall\n fadd.d %0, fs5, ft3\n frrm %1\n fsrmi 0\n sub s11, s11, t6\n beqz s11, 1f\n fmv.d.x %0, zero\n1:"
        : "=&f"(kept), "=&r"(rounding)
        : "r"(pid)
        : "fs5", "ft3", "s11", "t6", "a0", "a1", "a7", "memory");
    CHECK(kept == 2.0 * (double)pid && rounding == 3);
}
static void edit(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)info;
    ucontext_t* c = context;
    c->uc_mcontext.__gregs[REG_PC] += 4;
    c->uc_mcontext.__gregs[10] = 42;
    double value = 2.5;
    memcpy(&c->uc_mcontext.__fpregs.__d.__f[10], &value, 8);
}
static void edited(void) {
    install(SIGSEGV, edit, 0);
    long a0;
    double f;
    __asm__ volatile(
        ".option push\n .option norvc\n mv a0, zero\n ld a0, 0(a0)\n .option pop\n mv %0, a0\n fmv.d %1, fa0"
        : "=r"(a0), "=f"(f)::"a0", "fa0", "memory");
    CHECK(a0 == 42 && f == 2.5);
}
// sigreturn takes any registers from the frame, but no privilege.
static void corrupt(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)info;
    memset(&((ucontext_t*)context)->uc_mcontext, 0xff, sizeof(mcontext_t));
}
static void corrupted(void) {
    no_core();
    install(SIGUSR1, corrupt, 0);
    raise(SIGUSR1);
}
static void to_kernel(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)info;
    ((ucontext_t*)context)->uc_mcontext.__gregs[REG_PC] = 0xffffffff80200000u;
}
static void into_the_kernel(void) {
    no_core();
    install(SIGUSR1, to_kernel, 0);
    raise(SIGUSR1);
}
static void no_frame(void) {
    no_core();
    __asm__ volatile("li sp, 0x1000\n li a7, 139\n ecall");
}
#endif

int main(void) {
    details();
    CHECK(killed_by(status_of(blocked), SIGSEGV));
    CHECK(killed_by(status_of(ignored), SIGSEGV));
    CHECK(killed_by(status_of(twice), SIGSEGV));
    CHECK(killed_by(status_of(overflow), SIGSEGV));
    alternate_stack();
    honest();
#ifdef __riscv
    registers();
    edited();
    CHECK(killed_by(status_of(corrupted), SIGSEGV));
    CHECK(killed_by(status_of(into_the_kernel), SIGSEGV));
    CHECK(killed_by(status_of(no_frame), SIGSEGV));
#endif
    return 0;
}
