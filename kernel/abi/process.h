// Processes: clone flags, signals and what a handler finds on its stack, wait status, resource limits, the vector at a
// program's start (Linux: linux/sched.h, asm-generic/signal.h, asm-generic/siginfo.h, riscv's asm/ucontext.h and
// asm/sigcontext.h, linux/wait.h, asm-generic/resource.h, linux/auxvec.h).
#pragma once

#include <array>
#include <cstdint>

#include "abi/system.h"

namespace ox::abi {

inline constexpr std::uint64_t csignal = 0xff;  // the low byte of clone's flags: the signal at the child's end
inline constexpr std::uint64_t clone_vm = 0x100;
inline constexpr std::uint64_t clone_vfork = 0x4000;
inline constexpr std::uint64_t clone_parent_settid = 0x100000;
inline constexpr std::uint64_t clone_child_cleartid = 0x200000;
inline constexpr std::uint64_t clone_child_settid = 0x1000000;

inline constexpr int sighup = 1;
inline constexpr int sigint = 2;
inline constexpr int sigquit = 3;
inline constexpr int sigill = 4;
inline constexpr int sigtrap = 5;
inline constexpr int sigbus = 7;
inline constexpr int sigfpe = 8;
inline constexpr int sigkill = 9;
inline constexpr int sigsegv = 11;
inline constexpr int sigpipe = 13;
inline constexpr int sigalrm = 14;
inline constexpr int sigchld = 17;
inline constexpr int sigcont = 18;
inline constexpr int sigstop = 19;
inline constexpr int sigtstp = 20;
inline constexpr int sigttin = 21;
inline constexpr int sigttou = 22;
inline constexpr int sigurg = 23;
inline constexpr int sigwinch = 28;
inline constexpr int highest_signal = 64;  // Linux: _NSIG
// SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU
inline constexpr std::uint64_t stop_signals = 0x3c'0000;

inline constexpr std::uint64_t sig_dfl = 0;
inline constexpr std::uint64_t sig_ign = 1;

inline constexpr std::uint64_t sa_nocldstop = 0x1;
inline constexpr std::uint64_t sa_nocldwait = 0x2;
inline constexpr std::uint64_t sa_onstack = 0x0800'0000;
inline constexpr std::uint64_t sa_restart = 0x1000'0000;
inline constexpr std::uint64_t sa_nodefer = 0x4000'0000;
inline constexpr std::uint64_t sa_resethand = 0x8000'0000;

struct sigaction {
  std::uint64_t sa_handler = sig_dfl;
  std::uint64_t sa_flags = 0;
  std::uint64_t sa_mask = 0;
};

inline constexpr std::uint32_t sig_block = 0;
inline constexpr std::uint32_t sig_unblock = 1;
inline constexpr std::uint32_t sig_setmask = 2;

inline constexpr std::int32_t si_user = 0;
inline constexpr std::int32_t si_kernel = 0x80;
inline constexpr std::int32_t si_tkill = -6;
inline constexpr std::int32_t segv_maperr = 1;
inline constexpr std::int32_t segv_accerr = 2;
inline constexpr std::int32_t bus_adraln = 1;
inline constexpr std::int32_t bus_adrerr = 2;
inline constexpr std::int32_t ill_illopc = 1;
inline constexpr std::int32_t trap_brkpt = 1;
inline constexpr std::int32_t cld_exited = 1;
inline constexpr std::int32_t cld_killed = 2;
inline constexpr std::int32_t cld_stopped = 5;
inline constexpr std::int32_t cld_continued = 6;

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

inline constexpr std::int32_t ss_onstack = 1;
inline constexpr std::int32_t ss_disable = 2;
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
  std::array<std::uint64_t, 16> unused{};     // its end aligns the registers
  std::array<std::uint64_t, 32> registers{};  // pc and x1 to x31
  std::array<std::uint64_t, 32> f{};
  std::uint64_t fcsr = 0;
  std::array<std::uint64_t, 33> rest{};  // what a larger FP state would need
};
struct rt_sigframe {
  siginfo info;
  ucontext context{};
};
static_assert(sizeof(rt_sigframe) == 1088);

// What the call becomes that a signal without a handler has ended in the middle of a sleep.
inline constexpr std::uint64_t nr_restart_syscall = 128;

inline constexpr std::uint32_t wnohang = 1;
inline constexpr std::uint32_t wstopped = 2;  // for wait4: WUNTRACED
inline constexpr std::uint32_t wexited = 4;
inline constexpr std::uint32_t wcontinued = 8;
inline constexpr std::uint32_t wnothread = 0x2000'0000;  // these three change nothing: there are no threads
inline constexpr std::uint32_t wall = 0x4000'0000;
inline constexpr std::uint32_t wclone = 0x8000'0000;
inline constexpr std::uint32_t p_all = 0;
inline constexpr std::uint32_t p_pid = 1;
inline constexpr std::uint32_t p_pgid = 2;
inline constexpr std::uint32_t wnowait = 0x100'0000;

// What wait4 stores.
constexpr std::int32_t status_exited(int code) { return (code & 0xff) << 8; }
constexpr std::int32_t status_killed(int signal) { return signal & 0x7f; }
constexpr std::int32_t status_stopped(int signal) { return signal << 8 | 0x7f; }
inline constexpr std::int32_t status_continued = 0xffff;
constexpr bool stopped(std::int32_t status) { return (status & 0xff) == 0x7f; }
constexpr bool exited(std::int32_t status) { return (status & 0x7f) == 0; }
constexpr int exit_code(std::int32_t status) { return status >> 8 & 0xff; }
constexpr int killing_signal(std::int32_t status) { return status & 0x7f; }
// As a shell says it: the exit code, or 128 + N for signal N.
constexpr int shell_status(std::int32_t status) {
  return exited(status) ? exit_code(status) : 128 + killing_signal(status);
}

inline constexpr std::uint32_t rlimit_stack = 3;
inline constexpr std::uint32_t rlimit_core = 4;
inline constexpr std::uint32_t rlimit_nofile = 7;
inline constexpr std::uint32_t rlim_nlimits = 16;
inline constexpr std::uint64_t rlim_infinity = ~std::uint64_t{0};
struct rlimit64 {
  std::uint64_t rlim_cur = 0;
  std::uint64_t rlim_max = 0;

  constexpr bool operator==(const rlimit64&) const = default;
};

inline constexpr std::uint32_t prio_process = 0;
inline constexpr std::uint32_t prio_user = 2;

inline constexpr int pr_set_name = 15;
inline constexpr int pr_get_name = 16;

// futex(2): operations, and what may be added to one.
inline constexpr std::uint32_t futex_wait = 0;
inline constexpr std::uint32_t futex_wake = 1;
inline constexpr std::uint32_t futex_wait_bitset = 9;
inline constexpr std::uint32_t futex_wake_bitset = 10;
inline constexpr std::uint32_t futex_private_flag = 128;
inline constexpr std::uint32_t futex_clock_realtime = 256;

inline constexpr int rusage_self = 0;
inline constexpr int rusage_children = -1;
inline constexpr int rusage_thread = 1;
// A process's use of the machine. Time is not told apart: all of it counts as the user's.
struct rusage {
  timeval ru_utime;
  timeval ru_stime;
  std::array<std::uint64_t, 4> memory{};
  std::uint64_t ru_minflt = 0;
  std::array<std::uint64_t, 9> rest{};
};
static_assert(sizeof(rusage) == 144);

// Tags of the auxiliary vector, which stands above the environment on a new program's stack.
inline constexpr std::uint64_t at_null = 0;
inline constexpr std::uint64_t at_phdr = 3;
inline constexpr std::uint64_t at_phent = 4;
inline constexpr std::uint64_t at_phnum = 5;
inline constexpr std::uint64_t at_pagesz = 6;
inline constexpr std::uint64_t at_base = 7;
inline constexpr std::uint64_t at_flags = 8;
inline constexpr std::uint64_t at_entry = 9;
inline constexpr std::uint64_t at_uid = 11;
inline constexpr std::uint64_t at_euid = 12;
inline constexpr std::uint64_t at_gid = 13;
inline constexpr std::uint64_t at_egid = 14;
inline constexpr std::uint64_t at_hwcap = 16;
inline constexpr std::uint64_t at_clktck = 17;
inline constexpr std::uint64_t at_secure = 23;
inline constexpr std::uint64_t at_random = 25;
inline constexpr std::uint64_t at_execfn = 31;
// AT_HWCAP of a hart with I, M, A, F, D, C: bit n for the n-th letter.
inline constexpr std::uint64_t hwcap_imafdc = 0x112d;

}  // namespace ox::abi
