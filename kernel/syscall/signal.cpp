// Signals: sending them, their actions and masks, waiting for them.
#include "abi/process.h"
#include "jobs/groups.h"
#include "sched/scheduler.h"
#include "signal/deliver.h"
#include "syscall/call.h"

namespace ox {

namespace {

bool valid(int signal) { return signal >= 0 && signal <= abi::highest_signal; }

Answer send_to(Process* target, int signal, const SigInfo& info) {
  if (target == nullptr) return Errno::esrch;
  return signal == 0 ? Result<>() : queue_signal(*target, signal, info);
}

// Sends a signal to all processes but init and the caller.
Answer send_to_all(Call call, int signal, const SigInfo& info) {
  Answer answer = Errno::esrch;
  const LockGuard guard(call.kernel().groups.births);
  call.kernel().pids.for_each([&](const Ref<Process>& target) {
    if (target.get() == &call.self || target.get() == call.kernel().init) return;
    answer = send_to(target.get(), signal, info);
  });
  return answer;
}

}  // namespace

Answer sys_kill(Call call, int pid, int signal) {
  if (!valid(signal)) return Errno::einval;
  const SigInfo info{.code = abi::si_user, .first = static_cast<std::uint64_t>(call.self.pid)};
  if (pid > 0) return send_to(call.kernel().pids.find(pid).get(), signal, info);
  if (pid == -1) return send_to_all(call, signal, info);
  const int group = pid == 0 ? call.self.pgid.load(relaxed) : -pid;
  return call.kernel().groups.send(group, signal, info);
}

Answer sys_tkill(Call call, int tid, int signal) { return sys_tgkill(call, tid, tid, signal); }

// A process has one thread, whose id is the pid.
Answer sys_tgkill(Call call, int pid, int tid, int signal) {
  if (pid <= 0 || tid <= 0 || !valid(signal)) return Errno::einval;
  if (pid != tid) return Errno::esrch;
  const SigInfo info{.code = abi::si_tkill, .first = static_cast<std::uint64_t>(call.self.pid)};
  return send_to(call.kernel().pids.find(pid).get(), signal, info);
}

Answer sys_rt_sigaction(Call call, int signal, VirtAddr new_action, VirtAddr old_action, std::uint64_t size) {
  if (size != sizeof(std::uint64_t) || signal < 1 || signal > abi::highest_signal) return Errno::einval;
  const abi::sigaction old = action_of(call.self, signal);
  if (new_action != VirtAddr()) {
    const auto action = TRY(call.space().read_user<abi::sigaction>(new_action));
    if (signal == abi::sigkill || signal == abi::sigstop) return Errno::einval;
    TRY(set_action(call.self, signal, action));
  }
  return call.give(old_action, old);
}

Answer sys_rt_sigprocmask(Call call, std::uint32_t how, VirtAddr new_mask, VirtAddr old_mask, std::uint64_t size) {
  const std::uint64_t old = call.self.signals.blocked;
  if (size != sizeof(std::uint64_t)) return Errno::einval;
  if (new_mask != VirtAddr()) {
    const auto mask = TRY(call.space().read_user<std::uint64_t>(new_mask));
    if (how > abi::sig_setmask) return Errno::einval;
    set_blocked(call.self, how == abi::sig_block ? old | mask : how == abi::sig_unblock ? old & ~mask : mask);
  }
  return call.give(old_mask, old);
}

Answer sys_rt_sigpending(Call call, VirtAddr mask, std::uint64_t size) {
  if (size > sizeof(std::uint64_t)) return Errno::einval;
  std::uint64_t waiting = 0;
  {
    const LockGuard guard(call.self.signals.lock);
    waiting = call.self.signals.pending & call.self.signals.blocked;
  }
  return call.space().copy_out(mask, std::as_bytes(std::span(&waiting, 1)).first(size));
}

Answer sys_rt_sigsuspend(Call call, VirtAddr mask, std::uint64_t size) {
  if (size != sizeof(std::uint64_t)) return Errno::einval;
  borrow_mask(call.self, TRY(call.space().read_user<std::uint64_t>(mask)));
  (void)call.kernel().scheduler.sleep_until(no_deadline);  // only a signal ends it; SA_RESTART has no effect
  return Errno::erestart_unless_handled;
}

// sigqueue(3). A program may not send codes from 0 on, or SI_TKILL, to other processes: those are the kernel's.
Answer sys_rt_sigqueueinfo(Call call, int pid, int signal, VirtAddr info_at) {
  const auto info = TRY(call.space().read_user<abi::siginfo>(info_at));
  if ((info.si_code >= 0 || info.si_code == abi::si_tkill) && pid != call.self.pid) return Errno::eperm;
  if (!valid(signal)) return Errno::einval;
  return send_to(call.kernel().pids.find(pid).get(), signal,
                 {.code = info.si_code, .first = info.first, .second = info.second});
}

// sigwait(3), sigwaitinfo(3) and sigtimedwait(3).
Answer sys_rt_sigtimedwait(Call call, VirtAddr set_at, VirtAddr info_at, VirtAddr timeout, std::uint64_t size) {
  if (size != sizeof(std::uint64_t)) return Errno::einval;
  const auto set = TRY(call.space().read_user<std::uint64_t>(set_at));
  std::uint64_t deadline = no_deadline;
  if (timeout != VirtAddr()) deadline = csr_read<Csr::time>() + TRY(read_ticks(call, timeout));
  SigInfo info;
  const int signal = TRY(wait_for_signal(call.self, set, deadline, info));
  if (signal == abi::sigalrm) call.self.alarm.go_on();
  TRY(call.give(info_at, to_siginfo(signal, info)));
  return static_cast<std::uint64_t>(signal);
}

Answer sys_rt_sigreturn(Call call) {
  return_from_handler(call.self);
  return Errno::frame_is_set;
}

Answer sys_sigaltstack(Call call, VirtAddr new_stack, VirtAddr old_stack) {
  const abi::stack_t old = signal_stack(call.self);
  if (new_stack != VirtAddr()) {
    TRY(set_signal_stack(call.self, TRY(call.space().read_user<abi::stack_t>(new_stack))));
  }
  return call.give(old_stack, old);
}

}  // namespace ox
