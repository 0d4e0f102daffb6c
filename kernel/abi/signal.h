// Signal actions and masks, and the frame on a handler's stack; process.h has the signal numbers (Linux:
// asm-generic/signal.h, asm-generic/siginfo.h, riscv's asm/ucontext.h and asm/sigcontext.h).
#pragma once

#include <array>
#include <cstdint>

namespace ox::abi {

// SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU
inline constexpr std::uint64_t stop_signals = 0x3c'0000;

inline constexpr std::uint64_t sig_dfl = 0, sig_ign = 1;

inline constexpr std::uint64_t sa_nocldstop = 0x1, sa_nocldwait = 0x2, sa_siginfo = 0x4, sa_onstack = 0x0800'0000;
inline constexpr std::uint64_t sa_restart = 0x1000'0000, sa_nodefer = 0x4000'0000, sa_resethand = 0x8000'0000;
// The flags that the kernel knows. sigaction(2) clears all others, so a program that reads its action back sees which
// ones are supported (Linux: UAPI_SA_FLAGS).
inline constexpr std::uint64_t sa_known =
    sa_nocldstop | sa_nocldwait | sa_siginfo | sa_onstack | sa_restart | sa_nodefer | sa_resethand;

struct sigaction {
  std::uint64_t sa_handler = sig_dfl;
  std::uint64_t sa_flags = 0;
  std::uint64_t sa_mask = 0;
};

inline constexpr std::uint32_t sig_block = 0, sig_unblock = 1, sig_setmask = 2;

inline constexpr int sigrtmin = 32;  // the kernel's; glibc's SIGRTMIN is 34, because glibc uses the first two itself

inline constexpr std::int32_t si_user = 0, si_kernel = 0x80, si_queue = -1, si_tkill = -6;
inline constexpr std::int32_t segv_maperr = 1, segv_accerr = 2, bus_adraln = 1, bus_adrerr = 2;
inline constexpr std::int32_t ill_illopc = 1, trap_brkpt = 1;
inline constexpr std::int32_t cld_exited = 1, cld_killed = 2, cld_stopped = 5, cld_continued = 6;

struct siginfo {
  std::int32_t si_signo = 0;
  std::int32_t si_errno = 0;
  std::int32_t si_code = 0;
  std::int32_t pad = 0;
  std::uint64_t first = 0;   // si_pid and, above it, si_uid; or si_addr
  std::uint64_t second = 0;  // si_status, or si_value
  std::array<std::uint64_t, 12> rest{};
};
static_assert(sizeof(siginfo) == 128);

inline constexpr std::int32_t ss_onstack = 1, ss_disable = 2;
inline constexpr std::uint64_t minsigstksz = 2048;

struct stack_t {
  std::uint64_t ss_sp = 0;
  std::int32_t ss_flags = 0;
  std::int32_t pad = 0;
  std::uint64_t ss_size = 0;
};
static_assert(sizeof(stack_t) == 24);

struct ucontext {
  std::uint64_t uc_flags = 0;
  std::uint64_t uc_link = 0;
  stack_t uc_stack;
  std::uint64_t uc_sigmask = 0;
  std::array<std::uint64_t, 16> unused{};     // room for a longer mask, and 8 bytes that align the registers
  std::array<std::uint64_t, 32> registers{};  // pc and x1 to x31
  std::array<std::uint64_t, 32> f{};
  std::uint64_t fcsr = 0;
  std::array<std::uint64_t, 33> rest{};  // room for the wider registers of the Q extension
};
struct rt_sigframe {
  siginfo info;
  ucontext context{};
};
static_assert(sizeof(rt_sigframe) == 1088);

// The number of restart_syscall(2). A sleep that a signal interrupts continues as this call, if no handler ran.
inline constexpr std::uint64_t nr_restart_syscall = 128;

}  // namespace ox::abi
