// Signals: who gets one, what is done about it, which have to wait.
#include "abi/process.h"
#include "syscall/call.h"
#include "syscall/time.h"

namespace ox {

namespace {

Result<std::uint64_t> read_mask(Call& call, unsigned argument, unsigned size_argument) {
  if (call.arg(size_argument) != sizeof(std::uint64_t)) return Errno::einval;
  return call.space().read_user<std::uint64_t>(call.pointer(argument));
}

Result<SigInfo> from_caller(Call& call, int signal, std::int32_t code) {
  if (signal < 0 || signal > abi::highest_signal) return Errno::einval;
  return SigInfo{.signal = signal, .code = code, .first = static_cast<std::uint64_t>(call.self.pid)};
}

Answer send_to(Call& call, int pid, const SigInfo& info) {
  const Ref<Process> target = call.kernel.pids.find(pid);
  if (!target) return Errno::esrch;
  if (info.signal != 0) send_signal(*target, info);
  return 0;
}

// Everybody but init and the caller.
Answer send_to_all(Call& call, const SigInfo& info) {
  bool any = false;
  for (unsigned slot = 0; slot < PidTable::slots; ++slot) {
    const Ref<Process> target = call.kernel.pids.at(slot);
    if (!target || target.get() == &call.self || target.get() == call.kernel.init) continue;
    any = true;
    if (info.signal != 0) send_signal(*target, info);
  }
  if (!any) return Errno::esrch;
  return 0;
}

}  // namespace

Answer sys_kill(Call& call) {
  const int pid = call.integer(0);
  const SigInfo info = TRY(from_caller(call, call.integer(1), abi::si_user));
  if (pid > 0) return send_to(call, pid, info);
  if (pid == -1) return send_to_all(call, info);
  if (!call.kernel.send_to_group(pid == 0 ? call.self.pgid.load(relaxed) : -pid, info)) return Errno::esrch;
  return 0;
}

// A process has one thread, whose number is the process's.
Answer sys_tkill(Call& call) {
  if (call.integer(0) <= 0) return Errno::einval;
  return send_to(call, call.integer(0), TRY(from_caller(call, call.integer(1), abi::si_tkill)));
}

Answer sys_tgkill(Call& call) {
  if (call.integer(0) <= 0 || call.integer(1) <= 0) return Errno::einval;
  const SigInfo info = TRY(from_caller(call, call.integer(2), abi::si_tkill));
  if (call.integer(0) != call.integer(1)) return Errno::esrch;
  return send_to(call, call.integer(0), info);
}

// Only the kernel may say that it comes from the kernel, or that kill(2) was used.
Answer sys_rt_sigqueueinfo(Call& call) {
  const auto given = TRY(call.space().read_user<abi::siginfo>(call.pointer(2)));
  SigInfo info = TRY(from_caller(call, call.integer(1), given.si_code));
  if ((info.code >= 0 || info.code == abi::si_tkill) && call.integer(0) != call.self.pid) return Errno::eperm;
  info.first = given.first;
  info.second = given.second;
  return send_to(call, call.integer(0), info);
}

Answer sys_rt_sigaction(Call& call) {
  const int signal = call.integer(0);
  if (call.arg(3) != sizeof(std::uint64_t) || signal < 1 || signal > abi::highest_signal) return Errno::einval;
  const abi::sigaction old = action_of(call.self, signal);
  if (call.arg(1) != 0) {
    const auto action = TRY(call.space().read_user<abi::sigaction>(call.pointer(1)));
    if (signal == abi::sigkill || signal == abi::sigstop) return Errno::einval;
    TRY(set_action(call.self, signal, action));
  }
  if (call.arg(2) != 0) TRY(call.space().write_user(call.pointer(2), old));
  return 0;
}

Answer sys_rt_sigprocmask(Call& call) {
  const std::uint64_t old = call.self.signals.blocked;
  if (call.arg(3) != sizeof(std::uint64_t)) return Errno::einval;
  if (call.arg(1) != 0) {
    const std::uint64_t mask = TRY(read_mask(call, 1, 3));
    const std::uint32_t how = call.flags(0);
    if (how > abi::sig_setmask) return Errno::einval;
    set_blocked(call.self, how == abi::sig_block ? old | mask : how == abi::sig_unblock ? old & ~mask : mask);
  }
  if (call.arg(2) != 0) TRY(call.space().write_user(call.pointer(2), old));
  return 0;
}

Answer sys_rt_sigpending(Call& call) {
  if (call.arg(1) > sizeof(std::uint64_t)) return Errno::einval;
  std::uint64_t waiting = 0;
  {
    const LockGuard guard(call.self.signals.lock);
    waiting = call.self.signals.pending & call.self.signals.blocked;
  }
  return done(call.space().copy_out(call.pointer(0), std::as_bytes(std::span(&waiting, 1)).first(call.arg(1))));
}

Answer sys_rt_sigsuspend(Call& call) {
  borrow_mask(call.self, TRY(read_mask(call, 0, 1)));
  (void)call.kernel.scheduler.sleep_until(no_deadline);  // only a signal ends it, and no SA_RESTART begins it anew
  return Errno::erestart_unless_handled;
}

Answer sys_rt_sigtimedwait(Call& call) {
  Process& self = call.self;
  const std::uint64_t wanted = TRY(read_mask(call, 0, 3)) & ~signal_bit(abi::sigkill) & ~signal_bit(abi::sigstop);
  std::uint64_t deadline = no_deadline;
  if (call.arg(2) != 0) deadline = csr_read<Csr::time>() + TRY(read_ticks(call, 2));
  set_waited(self, wanted);
  std::optional<SigInfo> info = take_signal(self, wanted);
  Result<> slept;
  if (!info) {
    slept = call.kernel.scheduler.sleep_until(deadline);
    info = take_signal(self, wanted);
  }
  set_waited(self, 0);
  if (!info) return slept ? Errno::eagain : Errno::eintr;
  if (call.arg(1) != 0) TRY(call.space().write_user(call.pointer(1), to_siginfo(*info)));
  return static_cast<std::uint64_t>(info->signal);
}

Answer sys_rt_sigreturn(Call& call) {
  return_from_handler(call.self);
  return call.frame.a(0);
}

Answer sys_sigaltstack(Call& call) {
  const abi::stack_t old = signal_stack(call.self);
  if (call.arg(0) != 0) TRY(set_signal_stack(call.self, TRY(call.space().read_user<abi::stack_t>(call.pointer(0)))));
  if (call.arg(1) != 0) TRY(call.space().write_user(call.pointer(1), old));
  return 0;
}

}  // namespace ox
