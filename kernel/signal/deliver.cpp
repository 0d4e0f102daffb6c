// The frame on a handler's stack is Linux's rt_sigframe: siginfo, then ucontext with all registers. rt_sigreturn(2)
// restores only registers that a program may set anyway, because the program can write anything into the frame.
#include "signal/deliver.h"

#include <algorithm>

#include "arch/riscv/switch.h"
#include "hub/kernel.h"
#include "jobs/groups.h"

namespace ox {

namespace {

bool on_stack(const abi::stack_t& stack, VirtAddr sp) { return sp.value() - stack.ss_sp - 1 < stack.ss_size; }

Result<VirtAddr> write_frame(Process& self, int signal, const SigInfo& info, const abi::sigaction& action) {
  const Signals& signals = self.signals;
  AddressSpace& space = *self.space;
  TrapFrame& frame = self.frame();
  VirtAddr sp(frame.sp());
  const bool already_on = on_stack(signals.stack, sp);
  if (!already_on && (action.sa_flags & abi::sa_onstack) != 0 && signals.stack.ss_size != 0) {
    sp = VirtAddr(signals.stack.ss_sp + signals.stack.ss_size);
  }
  const VirtAddr at((sp - sizeof(abi::rt_sigframe)).value() & ~std::uint64_t{15});
  if (already_on && !on_stack(signals.stack, at)) return Errno::efault;
  fp_save_if_dirty(self.thread.fp, frame.sstatus);
  abi::stack_t stack = signals.stack;
  if (already_on) stack.ss_flags = abi::ss_onstack;
  // Write the frame part by part: it is too large for the kernel stack.
  const VirtAddr context = at + offsetof(abi::rt_sigframe, context);
  TRY(space.zero_out(at, sizeof(abi::rt_sigframe)));
  TRY(space.write_user(at, to_siginfo(signal, info)));
  TRY(space.write_user(context + offsetof(abi::ucontext, uc_stack), stack));
  TRY(space.write_user(context + offsetof(abi::ucontext, uc_sigmask), signals.saved_mask.value_or(signals.blocked)));
  TRY(space.write_user(context + offsetof(abi::ucontext, registers), frame.x));
  TRY(space.write_user(context + offsetof(abi::ucontext, f), self.thread.fp.f));
  TRY(space.write_user(context + offsetof(abi::ucontext, fcsr), self.thread.fp.fcsr));
  return at;
}

void enter_handler(Process& self, int signal, const SigInfo& info, const abi::sigaction& action) {
  const Result<VirtAddr> at = write_frame(self, signal, info, action);
  if (!at) {
    if (self.space->is_oom_victim()) kill_for_memory(self);
    if (signal == abi::sigsegv) exit_process(self, abi::status_killed(abi::sigsegv));
    return force_signal(self, abi::sigsegv);
  }
  TrapFrame& frame = self.frame();
  frame.pc() = action.sa_handler;
  frame.sp() = at->value();
  frame.ra() = signal_page.value();
  frame.a(0) = static_cast<std::uint64_t>(signal);
  frame.a(1) = at->value();
  frame.a(2) = (*at + offsetof(abi::rt_sigframe, context)).value();
  const std::uint64_t own = (action.sa_flags & abi::sa_nodefer) != 0 ? 0 : signal_bit(signal);
  self.signals.saved_mask.reset();  // the frame has it now
  set_blocked(self, self.signals.blocked | action.sa_mask | own);
}

// Stops the process until SIGCONT or SIGKILL. Only SIGSTOP stops a process in an orphaned group, because no shell could
// continue it.
void stop(Process& self, int signal) {
  Signals& signals = self.signals;
  if (signal != abi::sigstop && self.kernel.groups.is_orphaned(self)) return signals.stopped.store(0, relaxed);
  if (signals.stopped.load(relaxed) != 0) {
    (void)report_to_parent(self, abi::wstopped, abi::status_stopped(signal));
    const LockGuard guard(signals.lock);
    while (signals.stopped.load(relaxed) != 0) (void)signals.continued.sleep(signals.lock, Wake::by_condition_only);
  }
  if (!self.thread.killed.load(relaxed)) (void)report_to_parent(self, abi::wcontinued, abi::status_continued);
}

}  // namespace

abi::siginfo to_siginfo(int signal, const SigInfo& info) {
  return {.si_signo = signal, .si_code = info.code, .first = info.first, .second = info.second};
}

void deliver_signals(Process& self, Errno interrupted) {
  TrapFrame& frame = self.frame();
  if (interrupted != Errno()) frame.pc() -= 4;
  for (;;) {
    SigInfo info;
    abi::sigaction action;
    const int signal = take_signal(self, info, action);
    if (signal == abi::sigalrm) self.alarm.go_on();
    if (signal == 0 && !self.signals.saved_mask) break;
    if (signal == 0) {
      return_mask(self);
    } else if (action.sa_handler != abi::sig_dfl) {
      const bool again = interrupted == Errno::erestart_always ||
                         (interrupted == Errno::erestart && (action.sa_flags & abi::sa_restart) != 0);
      if (interrupted != Errno() && !again) {
        frame.pc() += 4;
        frame.a(0) = static_cast<std::uint64_t>(-static_cast<std::int64_t>(Errno::eintr));
      }
      interrupted = Errno();
      enter_handler(self, signal, info, action);
    } else if ((signal_bit(signal) & abi::stop_signals) != 0) {
      stop(self, signal);
    } else {
      exit_process(self, abi::status_killed(signal));
    }
  }
  if (interrupted == Errno::erestart_sleep) frame.a(7) = abi::nr_restart_syscall;
}

void return_from_handler(Process& self) {
  TrapFrame& frame = self.frame();
  const VirtAddr at = VirtAddr(frame.sp()) + offsetof(abi::rt_sigframe, context);
  abi::ucontext context;
  if (!self.space->copy_in(std::as_writable_bytes(std::span(&context, 1)), at)) {
    if (!self.space->is_oom_victim()) force_signal(self, abi::sigsegv);  // an OOM victim ends on its way to user mode
    return;
  }
  frame.x = context.registers;
  self.thread.fp.f = context.f;
  self.thread.fp.fcsr = context.fcsr;
  fp_restore(self.thread.fp);
  frame.sstatus = (frame.sstatus & ~sstatus_FS) | sstatus_FS_clean;
  set_blocked(self, context.uc_sigmask);
  (void)set_signal_stack(self, context.uc_stack);
}

abi::stack_t signal_stack(Process& self) {
  abi::stack_t stack = self.signals.stack;
  if (on_stack(stack, VirtAddr(self.frame().sp()))) stack.ss_flags = abi::ss_onstack;
  return stack;
}

Result<> set_signal_stack(Process& self, const abi::stack_t& stack) {
  if (signal_stack(self).ss_flags == abi::ss_onstack) return Errno::eperm;
  if (stack.ss_flags < 0 || stack.ss_flags > abi::ss_disable) return Errno::einval;
  const bool disable = stack.ss_flags == abi::ss_disable;
  if (!disable && stack.ss_size < abi::minsigstksz) return Errno::enomem;
  self.signals.stack = disable ? abi::stack_t{.ss_flags = abi::ss_disable}
                               : abi::stack_t{.ss_sp = stack.ss_sp, .ss_size = stack.ss_size};
  return {};
}

Result<FrameRef> make_signal_page(Memory& memory) {
  constexpr std::array<std::uint32_t, 2> code{0x08b0'0893, 0x0000'0073};  // li a7, 139 (rt_sigreturn); ecall
  FrameRef page = TRY(FrameRef::make(memory.frames, FrameKind::cached));
  std::ranges::fill_n(page.bytes(), page_size, std::byte{0xff});  // neither an instruction nor the end of a string
  std::ranges::copy(std::as_bytes(std::span(code)), page.bytes());
  return page;
}

}  // namespace ox
