// Processes: clone, execve, exit, wait4, kill and what they are known by.
#include "abi/process.h"

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
  const CloneRequest request{
      .lend = lend, .stack = call.arg(1), .child_tid_address = (flags & clone_child_settid) != 0 ? call.arg(4) : 0};
  const int pid = TRY(clone_process(call.self, request));
  if ((flags & clone_parent_settid) != 0) (void)call.space().write_user(call.pointer(2), pid);
  return static_cast<std::uint64_t>(pid);
}

Answer sys_execve(Call& call) {
  const PathPage path = TRY(call.path(0));
  std::string_view why;
  const Result<> done = exec_process(call.self, path.text, call.pointer(1), call.pointer(2), why);
  if (!why.empty() && call.kernel.options.debug) call.kernel.console.log("exec {}: {}", path.text, why);
  TRY(done);
  return 0;
}

Answer sys_exit(Call& call) { exit_process(call.self, abi::status_exited(call.integer(0))); }

Answer sys_wait4(Call& call) {
  const int pid = call.integer(0);
  const std::uint32_t options = call.flags(2);
  if ((options & ~(abi::wnohang | abi::wuntraced | abi::wcontinued)) != 0) return Errno::einval;
  // There is one process group: 0 and -1 mean the same.
  if (pid < -1) return Errno::echild;
  const DeadChild dead = TRY(wait_for_child(call.self, pid == 0 ? -1 : pid, (options & abi::wnohang) == 0));
  if (dead.pid == 0) return 0;
  if (call.arg(1) != 0) TRY(call.space().write_user(call.pointer(1), dead.wait_status));
  if (call.arg(3) != 0) TRY(call.space().zero_out(call.pointer(3), sizeof(abi::rusage)));
  return static_cast<std::uint64_t>(dead.pid);
}

namespace {

Answer send(Call& call, int pid, int signal) {
  if (signal < 0 || signal > abi::highest_signal) return Errno::einval;
  const Ref<Process> target = call.kernel.pids.find(pid);
  if (!target) return Errno::esrch;
  if (signal != 0) send_signal(*target, signal);
  return 0;
}

}  // namespace

Answer sys_kill(Call& call) { return send(call, call.integer(0), call.integer(1)); }

// A process has one thread, whose number is the process's.
Answer sys_tgkill(Call& call) {
  if (call.integer(0) != call.integer(1)) return Errno::esrch;
  return send(call, call.integer(0), call.integer(2));
}

Answer sys_getpid(Call& call) { return static_cast<std::uint64_t>(call.self.pid); }

Answer sys_getppid(Call& call) {
  LockGuard guard(call.self.lock);
  return call.self.parent ? static_cast<std::uint64_t>(call.self.parent->pid) : 0;
}

Answer sys_sched_yield(Call& call) {
  call.kernel.scheduler.yield();
  return 0;
}

// Limits can be asked for, not changed.
Answer sys_prlimit64(Call& call) {
  const int pid = call.integer(0);
  const std::uint32_t resource = call.flags(1);
  if (resource >= abi::rlim_nlimits) return Errno::einval;
  if (pid != 0 && !call.kernel.pids.find(pid)) return Errno::esrch;
  if (call.arg(2) != 0) return Errno::eperm;
  abi::rlimit64 limit{abi::rlim_infinity, abi::rlim_infinity};
  if (resource == abi::rlimit_stack) limit = {stack_size, stack_size};
  if (resource == abi::rlimit_nofile) limit = {FdTable::capacity, FdTable::capacity};
  if (call.arg(3) != 0) TRY(call.space().write_user(call.pointer(3), limit));
  return 0;
}

}  // namespace ox
