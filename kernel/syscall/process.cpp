// Processes: clone, execve, exit, wait, and what they are known by.
#include "abi/process.h"

#include <algorithm>
#include <limits>

#include "syscall/call.h"

namespace ox {

// fork, vfork and posix_spawn. Threads are not: a space has one thread (rule 7).
Answer sys_clone(Call& call) {
  using namespace abi;
  constexpr std::uint64_t share_space = clone_vm | clone_vfork;
  constexpr std::uint64_t known =
      csignal | share_space | clone_parent_settid | clone_child_settid | clone_child_cleartid;
  const std::uint64_t flags = call.arg(0);
  if ((flags & ~known) != 0 || (flags & csignal) != static_cast<std::uint64_t>(sigchld)) return Errno::einval;
  const bool lend = (flags & share_space) == share_space;
  if (!lend && (flags & clone_vm) != 0) return Errno::einval;
  const std::uint64_t child_tid_address = (flags & clone_child_settid) != 0 ? call.arg(4) : 0;
  const int pid = TRY(clone_process(call.self, lend, call.arg(1), child_tid_address));
  if ((flags & clone_parent_settid) != 0) (void)call.space().write_user(call.pointer(2), pid);
  return static_cast<std::uint64_t>(pid);
}

Answer sys_execve(Call& call) {
  const PathPage path = TRY(call.path(0));
  std::string_view why;
  const Result<> result = exec_process(call.self, path.text, call.pointer(1), call.pointer(2), why);
  if (!why.empty() && call.kernel.options.debug) call.kernel.console.log("exec {}: {}", path.text, why);
  return done(result);
}

Answer sys_exit(Call& call) { exit_process(call.self, abi::status_exited(call.integer(0))); }

Answer sys_wait4(Call& call) {
  const int pid = call.integer(0);
  const std::uint32_t options = call.flags(2);
  constexpr std::uint32_t known =
      abi::wnohang | abi::wstopped | abi::wcontinued | abi::wnothread | abi::wall | abi::wclone;
  if ((options & ~known) != 0) return Errno::einval;
  if (pid == std::numeric_limits<int>::min()) return Errno::esrch;
  const int children = pid == -1 ? 0 : pid == 0 ? -call.self.pgid.load(relaxed) : pid;
  const ChildReport child = TRY(wait_for_child(call.self, children, options | abi::wexited));
  if (child.pid == 0) return 0;
  TRY(call.give(1, child.status));
  TRY(call.give(3, to_rusage(call.kernel, child.usage)));
  return static_cast<std::uint64_t>(child.pid);
}

Answer sys_waitid(Call& call) {
  const std::uint32_t type = call.flags(0);
  int id = call.integer(1);
  const std::uint32_t options = call.flags(3);
  constexpr std::uint32_t states = abi::wexited | abi::wstopped | abi::wcontinued;
  constexpr std::uint32_t known = states | abi::wnohang | abi::wnowait | abi::wnothread | abi::wall | abi::wclone;
  if ((options & ~known) != 0 || (options & states) == 0 || type > abi::p_pgid) return Errno::einval;
  if (type == abi::p_pid && id <= 0) return Errno::einval;
  if (type == abi::p_pgid && id < 0) return Errno::einval;
  if (type == abi::p_pgid && id == 0) id = call.self.pgid.load(relaxed);
  const int children = type == abi::p_all ? 0 : type == abi::p_pid ? id : -id;
  const ChildReport child = TRY(wait_for_child(call.self, children, options));
  abi::siginfo info;
  if (child.pid != 0) info = to_siginfo(abi::sigchld, child_info(child.pid, child.status));
  TRY(call.give(2, info));
  return done(call.give(4, to_rusage(call.kernel, child.usage)));
}

Answer sys_getpid(Call& call) { return static_cast<std::uint64_t>(call.self.pid); }

Answer sys_getppid(Call& call) {
  LockGuard guard(call.self.lock);
  return call.self.parent ? static_cast<std::uint64_t>(call.self.parent->pid) : 0;
}

Answer sys_setpgid(Call& call) { return done(call.kernel.set_group(call.self, call.integer(0), call.integer(1))); }

Answer sys_getpgid(Call& call) { return static_cast<std::uint64_t>(TRY(call.process(0))->pgid.load(relaxed)); }

Answer sys_getsid(Call& call) { return static_cast<std::uint64_t>(TRY(call.process(0))->sid.load(relaxed)); }

Answer sys_setsid(Call& call) {
  TRY(call.kernel.new_session(call.self));
  return static_cast<std::uint64_t>(call.self.pid);
}

Answer sys_sched_yield(Call& call) {
  call.kernel.scheduler.yield();
  return 0;
}

// A word that no other process shares is waited for in vain, until the time comes.
Answer sys_futex(Call& call) {
  const std::uint32_t operation = call.flags(1) & ~(abi::futex_private_flag | abi::futex_clock_realtime);
  const bool bits = operation == abi::futex_wait_bitset || operation == abi::futex_wake_bitset;
  if (bits && call.flags(5) == 0) return Errno::einval;
  if (operation == abi::futex_wake || operation == abi::futex_wake_bitset) {
    return call.kernel.futexes.wake(call.self, call.pointer(0), std::max<std::uint64_t>(call.flags(2), 1));
  }
  if (operation != abi::futex_wait && !bits) return Errno::enosys;
  std::uint64_t deadline = no_deadline;
  if (call.arg(3) != 0) deadline = TRY(read_ticks(call, 3)) + (bits ? 0 : csr_read<Csr::time>());
  const Result<> woken = call.kernel.futexes.wait(call.self, call.pointer(0), call.flags(2), deadline);
  if (woken) return 0;
  const bool again = woken.error() == Errno::erestart && deadline != no_deadline;
  return again ? Errno::erestart_unless_handled : woken.error();
}

}  // namespace ox
