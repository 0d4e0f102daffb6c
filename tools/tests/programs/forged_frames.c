// rt_sigreturn with frames that no signal has made. A frame gives a program only registers that it may set anyway; one
// that the kernel cannot read ends its process with SIGSEGV. (For RISC-V only: the frames are laid out by hand.)
#include "check.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>

struct frame {
    siginfo_t info;
    ucontext_t context;
};
_Static_assert(sizeof(struct frame) == 1088, "Linux: struct rt_sigframe");
enum { LANDED = 7, GP = 3, TP = 4, SP = 2, S1 = 9, MAGIC = 0x5eed };

static _Alignas(16) char stack[4 * PAGE];
static struct frame forged;

static _Noreturn void return_to(const void* frame) {
    __asm__ volatile("mv sp, %0\n li a7, 139\n ecall\n ebreak" ::"r"(frame) : "memory");
    __builtin_unreachable();
}

// The frame that `forged` leads to.
static _Noreturn void landed(void) {
    long s1;
    __asm__ volatile("mv %0, s1" : "=r"(s1));
    _exit(s1 == MAGIC && getpid() > 0 ? LANDED : 1);
}

static void forge(void) {
    unsigned long* const x = forged.context.uc_mcontext.__gregs;
    memset(&forged, 0, sizeof forged);
    x[REG_PC] = (unsigned long)landed;
    x[SP] = (unsigned long)(stack + sizeof stack);
    x[S1] = MAGIC;
    __asm__ volatile("mv %0, gp\n mv %1, tp" : "=r"(x[GP]), "=r"(x[TP]));
}

static void as_forged(void) { return_to(&forged); }
static int lands(void) { return exited_with(status_of(as_forged), LANDED); }
static int dies(void) { return killed_by(status_of(as_forged), SIGSEGV); }

static const unsigned long nowhere[] = {0,
                                        8,
                                        1ul << 38,  // the end of user memory, and the first address that is none
                                        1ul << 47,
                                        1ul << 63,
                                        0xffffffc080400000,  // the kernel's data
                                        0xffffffe000002000,  // a kernel stack
                                        0xffffffff80200000,  // the kernel's text
                                        -2ul};

static void a_made_up_frame_sets_the_registers(void) {
    forge();
    CHECK(lands());
}

static void a_pc_outside_user_memory_is_no_way_in(void) {
    for (unsigned i = 0; i < sizeof nowhere / sizeof *nowhere; ++i) {
        forge();
        forged.context.uc_mcontext.__gregs[REG_PC] = nowhere[i];
        CHECK(dies());
    }
}

// The landing pushes a word. The signal for that fault cannot be delivered on such a stack either.
static void a_stack_outside_user_memory_is_of_no_use(void) {
    signal(SIGSEGV, (void (*)(int))landed);
    for (unsigned i = 0; i < sizeof nowhere / sizeof *nowhere; ++i) {
        forge();
        forged.context.uc_mcontext.__gregs[SP] = nowhere[i] & ~15ul;
        CHECK(dies());
    }
    signal(SIGSEGV, SIG_DFL);
}

// Whether the processor ignores the lowest bit of a pc, as it should, or not: no instruction is there.
__asm__(".globl no_code\nno_code: .zero 16");
extern const char no_code[];
static void an_odd_pc_leads_nowhere_else(void) {
    forge();
    forged.context.uc_mcontext.__gregs[REG_PC] = (unsigned long)no_code + 1;
    CHECK(killed_by(status_of(as_forged), SIGILL));
}

static void expect_floats(void) {
    unsigned long f0, f31, fcsr;
    __asm__ volatile("fmv.x.d %0, f0\n fmv.x.d %1, f31\n csrr %2, fcsr" : "=r"(f0), "=r"(f31), "=r"(fcsr));
    _exit(f0 == -1ul && f31 == -1ul && fcsr <= 0xff ? LANDED : 1);
}
static void any_bits_are_a_floating_point_state(void) {
    forge();
    forged.context.uc_mcontext.__gregs[REG_PC] = (unsigned long)expect_floats;
    memset(&forged.context.uc_mcontext.__fpregs.__d, 0xff, sizeof forged.context.uc_mcontext.__fpregs.__d);
    CHECK(lands());
}

// Behind the registers Linux keeps the vector extension's state, and ox nothing.
static void words_behind_the_registers_do_no_harm(void) {
    forge();
    const size_t used = sizeof forged.context.uc_mcontext.__fpregs.__d;
    memset((char*)&forged.context.uc_mcontext.__fpregs + used, 0xff, sizeof(union __riscv_mc_fp_state) - used);
    memset(&forged.info, 0xff, sizeof forged.info);
    forged.context.__uc_flags = -1ul;
    forged.context.uc_link = (void*)0xffffffff80200000;
    CHECK(!on_ox() || lands());
}

static _Noreturn void with_all_blocked(void) {
    sigset_t now;
    CHECK(sigprocmask(SIG_BLOCK, NULL, &now) == 0 && sigismember(&now, SIGTERM) && sigismember(&now, SIGSEGV));
    CHECK(!sigismember(&now, SIGKILL) && !sigismember(&now, SIGSTOP));
    CHECK(kill(getpid(), SIGTERM) == 0 && kill(getpid(), SIGSTOP) == 0 && kill(getpid(), SIGKILL) == 0);
    _exit(1);
}
// (qemu-riscv64 does block them.)
static void a_mask_cannot_block_sigkill_and_sigstop(void) {
    if (!on_ox()) return;
    forge();
    memset(&forged.context.uc_sigmask, 0xff, sizeof forged.context.uc_sigmask);
    forged.context.uc_mcontext.__gregs[REG_PC] = (unsigned long)with_all_blocked;
    const pid_t child = fork();
    if (child == 0) as_forged();
    int status;
    CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    CHECK(kill(child, SIGCONT) == 0 && waitpid(child, &status, 0) == child && killed_by(status, SIGKILL));
}

static char* place;
static void from_place(void) { return_to(place); }

static void a_frame_has_to_be_readable(void) {
    forge();
    char* const area = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(area != MAP_FAILED);
    static const int parts[] = {8, 128, 136, 304, 560, 816};  // how much of it is below the page's end
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; ++i) {
        place = memcpy(area + PAGE - parts[i], &forged, sizeof forged);
        CHECK(exited_with(status_of(from_place), LANDED));
    }
    place = memcpy(area + 2 * PAGE + 1, &forged, sizeof forged);  // not aligned
    CHECK(mprotect(area + 2 * PAGE, PAGE, PROT_READ) == 0 && exited_with(status_of(from_place), LANDED));
    CHECK(mprotect(area + PAGE, PAGE, PROT_NONE) == 0);
    for (unsigned i = 1; i < sizeof parts / sizeof *parts; ++i) {
        place = area + PAGE - parts[i];
        CHECK(killed_by(status_of(from_place), SIGSEGV));
    }
    for (unsigned i = 0; i < sizeof nowhere / sizeof *nowhere; ++i) {
        place = (char*)nowhere[i];
        CHECK(killed_by(status_of(from_place), SIGSEGV));
    }
    place = (char*)-sizeof(struct frame) + 8;  // it ends at address 8
    CHECK(killed_by(status_of(from_place), SIGSEGV));
    CHECK(munmap(area, 3 * PAGE) == 0);
}

// A signal that was never delivered: whatever is above sp is the frame.
static void without_a_frame(void) {
    memset(stack, 0, sizeof stack);
    return_to(stack);
}

static void nothing(int signal) { (void)signal; }
static _Noreturn void with_a_signal_on_the_other_stack(void) {
    struct sigaction action = {.sa_flags = SA_ONSTACK};
    action.sa_handler = nothing;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0 && kill(getpid(), SIGUSR1) == 0);
    _exit(LANDED);
}
static void a_signal_stack_from_a_frame_is_checked_like_any_other(void) {
    forge();
    forged.context.uc_mcontext.__gregs[REG_PC] = (unsigned long)with_a_signal_on_the_other_stack;
    forged.context.uc_stack = (stack_t){.ss_sp = (void*)0xffffffc080400000, .ss_size = sizeof stack};
    CHECK(dies());
    forged.context.uc_stack.ss_flags = 77;  // so it is refused, and there is none
    CHECK(lands());
    forged.context.uc_stack = (stack_t){.ss_sp = (void*)0xffffffc080400000, .ss_size = 100};
    CHECK(lands());
}

static struct frame kept;
static void keep(int signal, siginfo_t* info, void* context) {
    (void)signal;
    memcpy(&kept.info, info, sizeof kept.info);
    memcpy(&kept.context, context, sizeof kept.context);
}
static void install(int signal, void (*handler)(int, siginfo_t*, void*)) {
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    action.sa_sigaction = handler;
    CHECK(sigaction(signal, &action, NULL) == 0);
}
// kill(getpid(), signal), without a function whose stack frame would be gone at the second return.
static inline __attribute__((always_inline)) void send_myself(long signal) {
    register long a0 __asm__("a0") = getpid();
    register long a1 __asm__("a1") = signal;
    register long a7 __asm__("a7") = 129;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
}
static void a_frame_can_be_used_twice(void) {
    static volatile int returns;
    install(SIGUSR1, keep);
    send_myself(SIGUSR1);
    if (++returns < 3) return_to(&kept);
    CHECK(returns == 3);
}

static void outer(int signal, siginfo_t* info, void* context) {
    keep(signal, info, context);
    send_myself(SIGUSR2);
    _exit(1);  // the inner handler does not return here
}
static void inner(int signal, siginfo_t* info, void* context) {
    (void)signal, (void)info, (void)context;
    return_to(&kept);
}
static void a_handler_of_a_handler_returns_past_it(void) {
    sigset_t now;
    install(SIGUSR1, outer);
    install(SIGUSR2, inner);
    send_myself(SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, NULL, &now) == 0 && !sigismember(&now, SIGUSR1) && !sigismember(&now, SIGUSR2));
}

int main(void) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    a_made_up_frame_sets_the_registers();
    a_pc_outside_user_memory_is_no_way_in();
    a_stack_outside_user_memory_is_of_no_use();
    an_odd_pc_leads_nowhere_else();
    any_bits_are_a_floating_point_state();
    words_behind_the_registers_do_no_harm();
    a_mask_cannot_block_sigkill_and_sigstop();
    a_frame_has_to_be_readable();
    CHECK(killed_by(status_of(without_a_frame), SIGSEGV));
    a_signal_stack_from_a_frame_is_checked_like_any_other();
    a_frame_can_be_used_twice();
    a_handler_of_a_handler_returns_past_it();
    return 0;
}
