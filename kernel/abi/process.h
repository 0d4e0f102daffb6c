// Processes: clone flags, signal numbers, wait status, resource limits, the auxiliary vector
// (Linux: linux/sched.h, asm-generic/signal.h, linux/wait.h, asm-generic/resource.h, linux/auxvec.h).
#pragma once

#include <array>
#include <cstdint>

#include "abi/system.h"

namespace ox::abi {

inline constexpr std::uint64_t csignal = 0xff;  // the low byte of clone's flags: the child's exit signal
inline constexpr std::uint64_t clone_vm = 0x100, clone_vfork = 0x4000, clone_parent_settid = 0x100000;
inline constexpr std::uint64_t clone_child_cleartid = 0x200000, clone_child_settid = 0x1000000;

inline constexpr int sighup = 1, sigint = 2, sigquit = 3, sigill = 4, sigtrap = 5, sigbus = 7, sigfpe = 8;
inline constexpr int sigkill = 9, sigsegv = 11, sigpipe = 13, sigalrm = 14, sigchld = 17, sigcont = 18, sigstop = 19;
inline constexpr int sigtstp = 20, sigttin = 21, sigttou = 22, sigurg = 23, sigxfsz = 25, sigwinch = 28;
inline constexpr int highest_signal = 64;  // Linux: _NSIG

// waitid(2): values of idtype, and options. In wait4(2) the name of WSTOPPED is WUNTRACED.
inline constexpr std::uint32_t p_all = 0, p_pid = 1, p_pgid = 2;
inline constexpr std::uint32_t wnohang = 1, wstopped = 2, wexited = 4, wcontinued = 8, wnowait = 0x100'0000;
inline constexpr std::uint32_t wnothread = 0x2000'0000, wall = 0x4000'0000, wclone = 0x8000'0000;

// The status that wait4(2) stores (Linux: wait(2), WIFEXITED and the others).
constexpr std::int32_t status_exited(int code) { return (code & 0xff) << 8; }
constexpr std::int32_t status_killed(int signal) { return signal & 0x7f; }
constexpr std::int32_t status_stopped(int signal) { return signal << 8 | 0x7f; }
inline constexpr std::int32_t status_continued = 0xffff;
constexpr bool stopped(std::int32_t status) { return (status & 0xff) == 0x7f; }
constexpr bool exited(std::int32_t status) { return (status & 0x7f) == 0; }
constexpr int exit_code(std::int32_t status) { return status >> 8 & 0xff; }
constexpr int killing_signal(std::int32_t status) { return status & 0x7f; }
// The status as a shell shows it in $?: the exit code, or 128 + N for signal N.
constexpr int shell_status(std::int32_t status) {
  return exited(status) ? exit_code(status) : 128 + killing_signal(status);
}

inline constexpr std::uint32_t rlimit_fsize = 1, rlimit_stack = 3, rlimit_core = 4, rlimit_nofile = 7, rlimit_as = 9;
inline constexpr std::uint32_t rlim_nlimits = 16;
inline constexpr std::uint64_t rlim_infinity = ~std::uint64_t{0};
struct rlimit64 {
  std::uint64_t rlim_cur = 0;
  std::uint64_t rlim_max = 0;

  constexpr bool operator==(const rlimit64&) const = default;
};

inline constexpr std::uint32_t prio_process = 0, prio_pgrp = 1, prio_user = 2;

inline constexpr int pr_set_name = 15, pr_get_name = 16;

// futex(2): operations, and the flags that may be added to one.
inline constexpr std::uint32_t futex_wait = 0, futex_wake = 1, futex_wait_bitset = 9, futex_wake_bitset = 10;
inline constexpr std::uint32_t futex_private_flag = 128, futex_clock_realtime = 256;

inline constexpr int rusage_self = 0, rusage_children = -1, rusage_thread = 1;
// A process's use of resources. The kernel does not measure system time: all time counts as user time.
struct rusage {
  timeval ru_utime;
  timeval ru_stime;
  std::uint64_t ru_maxrss = 0;  // KiB; the current resident size, because the kernel records no maximum
  std::array<std::uint64_t, 3> memory{};
  std::uint64_t ru_minflt = 0;
  std::array<std::uint64_t, 9> rest{};
};
static_assert(sizeof(rusage) == 144);

// Tags of the auxiliary vector, which lies above the environment on a new program's stack.
inline constexpr std::uint64_t at_null = 0, at_phdr = 3, at_phent = 4, at_phnum = 5, at_pagesz = 6, at_base = 7;
inline constexpr std::uint64_t at_flags = 8, at_entry = 9, at_uid = 11, at_euid = 12, at_gid = 13, at_egid = 14;
inline constexpr std::uint64_t at_hwcap = 16, at_clktck = 17, at_secure = 23, at_random = 25, at_execfn = 31;
// AT_HWCAP of a hart with I, M, A, F, D and C: bit 0 stands for A, bit 1 for B, and so on.
inline constexpr std::uint64_t hwcap_imafdc = 0x112d;

}  // namespace ox::abi
