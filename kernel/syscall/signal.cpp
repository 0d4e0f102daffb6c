// Signals: who gets one, what is done about it, which have to wait.
#include "abi/process.h"
#include "syscall/call.h"

namespace ox {

namespace {

Result<std::uint64_t> read_mask(Call& call, unsigned argument, unsigned size_argument) {
  if (call.arg(size_argument) != sizeof(std::uint64_t)) return Errno::einval;
  return call.space().read_user<std::uint64_t>(call.pointer(argument));
}

bool valid(int signal) { return signal >= 0 && signal <= abi::highest_signal; }

Answer send_to(Process* target, int signal, const SigInfo& info) {
  if (target == nullptr) return Errno::esrch;
  if (signal != 0) send_signal(*target, signal, info);
  return 0;
}

// Everybody but init and the caller.
Answer send_to_all(Call& call, int signal, const SigInfo& info) {
  Answer answer = Errno::esrch;
  for (unsigned slot = 0; slot < PidTable::slots; ++slot) {
    const Ref<Process> target = call.kernel.pids.at(slot);
    if (!target || target.get() == &call.self || target.get() == call.kernel.init) continue;
    answer = send_to(target.get(), signal, info);
  }
  return answer;
}

}  // namespace

Answer sys_kill(Call& call) {
  const int pid = call.integer(0);
  const int signal = call.integer(1);
  if (!valid(signal)) return Errno::einval;
  const SigInfo info{.code = abi::si_user, .first = static_cast<std::uint64_t>(call.self.pid)};
  if (pid > 0) return send_to(call.kernel.pids.find(pid).get(), signal, info);
  if (pid == -1) return send_to_all(call, signal, info);
  const int group = pid == 0 ? call.self.pgid.load(relaxed) : -pid;
  return call.kernel.send_to_group(group, signal, info) ? Answer(0) : Errno::esrch;
}

// A process has one thread, whose number is the process's.
Answer sys_tgkill(Call& call) {
  const int pid = call.integer(0);
  const int signal = call.integer(2);
  if (pid <= 0 || call.integer(1) <= 0 || !valid(signal)) return Errno::einval;
  if (pid != call.integer(1)) return Errno::esrch;
  const SigInfo info{.code = abi::si_tkill, .first = static_cast<std::uint64_t>(call.self.pid)};
  return send_to(call.kernel.pids.find(pid).get(), signal, info);
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
  return done(call.give(2, old));
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
  return done(call.give(2, old));
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

Answer sys_rt_sigreturn(Call& call) {
  return_from_handler(call.self);
  return Errno::frame_is_set;
}

Answer sys_sigaltstack(Call& call) {
  const abi::stack_t old = signal_stack(call.self);
  if (call.arg(0) != 0) TRY(set_signal_stack(call.self, TRY(call.space().read_user<abi::stack_t>(call.pointer(0)))));
  return done(call.give(1, old));
}

}  // namespace ox
