// Processes: clone, execve, exit, wait, their ids and groups, and futex.
#include "abi/process.h"

#include <algorithm>
#include <limits>

#include "dev/console.h"
#include "hub/options.h"
#include "jobs/groups.h"
#include "proc/futex.h"
#include "sched/scheduler.h"
#include "syscall/call.h"

namespace ox {

// fork, vfork and posix_spawn. Threads are refused, because an address space has one thread (rule 7).
Answer sys_clone(Call call, std::uint64_t flags, std::uint64_t stack, VirtAddr parent_tid, std::uint64_t,
                 std::uint64_t child_tid) {
  using namespace abi;
  constexpr std::uint64_t share_space = clone_vm | clone_vfork;
  constexpr std::uint64_t known =
      csignal | share_space | clone_parent_settid | clone_child_settid | clone_child_cleartid;
  if ((flags & ~known) != 0 || (flags & csignal) != static_cast<std::uint64_t>(sigchld)) return Errno::einval;
  const bool lend = (flags & share_space) == share_space;
  if (!lend && (flags & share_space) != 0) return Errno::einval;
  // With vfork the parent could see the word that CLONE_CHILD_CLEARTID clears; otherwise only the child could.
  if (lend && (flags & clone_child_cleartid) != 0) return Errno::einval;
  const std::uint64_t child_tid_address = (flags & clone_child_settid) != 0 ? child_tid : 0;
  const int pid = TRY(clone_process(call.self, lend, stack, child_tid_address));
  if ((flags & clone_parent_settid) != 0) (void)call.space().write_user(parent_tid, pid);
  return static_cast<std::uint64_t>(pid);
}

Answer sys_execve(Call call, VirtAddr path_at, VirtAddr argv, VirtAddr envp) {
  const PathPage path = TRY(call.path(path_at));
  const auto done = exec_process(call.self, path.text, argv, envp);
  if (done) return 0;
  const auto [error, reason] = done.error();
  if (reason != nullptr && call.kernel().options.debug) call.kernel().console.log("exec {}: {}", path.text, reason);
  return error;
}

Answer sys_exit(Call call, int status) { exit_process(call.self, abi::status_exited(status)); }

// Whether wait is to report only "clone" children, whose exit signal is not SIGCHLD. ox has none.
static bool only_clones(std::uint32_t options) { return (options & (abi::wclone | abi::wall)) == abi::wclone; }

Answer sys_wait4(Call call, int pid, VirtAddr status, std::uint32_t options, VirtAddr usage) {
  constexpr std::uint32_t known =
      abi::wnohang | abi::wstopped | abi::wcontinued | abi::wnothread | abi::wall | abi::wclone;
  if ((options & ~known) != 0) return Errno::einval;
  if (pid == std::numeric_limits<int>::min()) return Errno::esrch;
  if (only_clones(options)) return Errno::echild;
  const int children = pid == -1 ? 0 : pid == 0 ? -call.self.pgid.load(relaxed) : pid;
  const ChildReport child = TRY(wait_for_child(call.self, children, options | abi::wexited));
  if (child.pid == 0) return 0;
  TRY(call.give(status, child.status));
  TRY(call.give(usage, to_rusage(call.kernel(), child.usage)));
  return static_cast<std::uint64_t>(child.pid);
}

Answer sys_waitid(Call call, std::uint32_t type, int id, VirtAddr info_at, std::uint32_t options, VirtAddr usage) {
  constexpr std::uint32_t states = abi::wexited | abi::wstopped | abi::wcontinued;
  constexpr std::uint32_t known = states | abi::wnohang | abi::wnowait | abi::wnothread | abi::wall | abi::wclone;
  if ((options & ~known) != 0 || (options & states) == 0 || type > abi::p_pgid) return Errno::einval;
  if (only_clones(options)) return Errno::echild;
  if (type == abi::p_pid && id <= 0) return Errno::einval;
  if (type == abi::p_pgid && id < 0) return Errno::einval;
  if (type == abi::p_pgid && id == 0) id = call.self.pgid.load(relaxed);
  const int children = type == abi::p_all ? 0 : type == abi::p_pid ? id : -id;
  const ChildReport child = TRY(wait_for_child(call.self, children, options));
  abi::siginfo info;
  if (child.pid != 0) info = to_siginfo(abi::sigchld, child_info(child.pid, child.status));
  TRY(call.give(info_at, info));
  return call.give(usage, to_rusage(call.kernel(), child.usage));
}

Answer sys_getpid(Call call) { return static_cast<std::uint64_t>(call.self.pid); }

Answer sys_getppid(Call call) {
  LockGuard guard(call.self.parent_lock);
  return call.self.parent ? static_cast<std::uint64_t>(call.self.parent->pid) : 0;
}

Answer sys_setpgid(Call call, int pid, int pgid) { return call.kernel().groups.set_group(call.self, pid, pgid); }

Answer sys_getpgid(Call call, int pid) {
  return static_cast<std::uint64_t>(TRY(call.process(pid))->pgid.load(relaxed));
}

Answer sys_getsid(Call call, int pid) { return static_cast<std::uint64_t>(TRY(call.process(pid))->sid.load(relaxed)); }

Answer sys_setsid(Call call) {
  TRY(call.kernel().groups.new_session(call.self));
  return static_cast<std::uint64_t>(call.self.pid);
}

Answer sys_sched_yield(Call call) {
  call.kernel().scheduler.yield();
  return 0;
}

// A wait for a word in private memory lasts until its timeout or a signal, because no other process can wake it.
Answer sys_futex(Call call, VirtAddr word, std::uint32_t flags, std::uint32_t value, VirtAddr timeout, VirtAddr,
                 std::uint32_t mask) {
  const std::uint32_t operation = flags & ~(abi::futex_private_flag | abi::futex_clock_realtime);
  const bool bits = operation == abi::futex_wait_bitset || operation == abi::futex_wake_bitset;
  if ((flags & abi::futex_clock_realtime) != 0 && operation != abi::futex_wait_bitset) return Errno::enosys;
  if (!bits) mask = ~std::uint32_t{0};
  if (mask == 0) return Errno::einval;
  if (operation == abi::futex_wake || operation == abi::futex_wake_bitset) {
    return call.kernel().futexes.wake(call.self, word, std::max<std::uint64_t>(value, 1), mask);
  }
  if (operation != abi::futex_wait && !bits) return Errno::enosys;
  std::uint64_t deadline = no_deadline;
  if (timeout != VirtAddr()) deadline = TRY(read_ticks(call, timeout)) + (bits ? 0 : csr_read<Csr::time>());
  const Result<> woken = call.kernel().futexes.wait(call.self, word, value, mask, deadline);
  if (woken || woken.error() != Errno::erestart || deadline == no_deadline) return woken;
  return bits ? Errno::erestart_unless_handled : Errno::eintr;  // FUTEX_WAIT's timeout is relative: it would start anew
}

}  // namespace ox
