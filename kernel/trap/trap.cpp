// Who handles which trap (privileged specification, table "Supervisor cause register values after trap").
#include <cstddef>
#include <utility>

#include "abi/process.h"
#include "arch/riscv/layout.h"
#include "proc/kernel.h"
#include "syscall/call.h"

namespace ox {

namespace {

constexpr unsigned most_spurious_faults = 8;  // without another trap between them

enum class Interrupt : std::uint64_t { software = 1, timer = 5, external = 9 };

// Page faults by a load and a store; by a fetch is the third.
constexpr std::uint64_t load_page_fault = 13;
constexpr std::uint64_t store_page_fault = 15;

// What Linux sends for the others, by number: a signal and its code.
constexpr std::array<std::pair<int, std::int32_t>, 8> signals{
    {{abi::sigbus, abi::bus_adraln},  // instruction address misaligned
     {abi::sigsegv, abi::segv_accerr},
     {abi::sigill, abi::ill_illopc},
     {abi::sigtrap, abi::trap_brkpt},
     {abi::sigbus, abi::bus_adraln},  // load
     {abi::sigsegv, abi::segv_accerr},
     {abi::sigbus, abi::bus_adraln},  // store
     {abi::sigsegv, abi::segv_accerr}}};

void serve_interrupt(Kernel& kernel, const TrapFrame& frame) {
  switch (static_cast<Interrupt>(frame.cause())) {
    case Interrupt::timer:
      return kernel.scheduler.tick();
    case Interrupt::software:  // another hart has work, or wants all to stop for the checker: seen on the way out
      return csr_clear<Csr::sip>(sie_SSIE);
    case Interrupt::external:
      return kernel.serve_devices();
  }
  panic("interrupt {} that nobody enabled", frame.cause());
}

void segmentation_fault(Process& self, VirtAddr va) {
  if (self.kernel.options.debug) {
    self.kernel.console.log("pid {}: segmentation fault at {:x}, pc {:x}", self.pid, va, self.frame().pc());
  }
  const bool mapped = self.space->regions().find(va) != nullptr;
  force_signal(self, abi::sigsegv, {.code = mapped ? abi::segv_accerr : abi::segv_maperr, .first = va.value()});
}

// What a fault comes to, if there was more to it than memory.
void end_page_fault(Process& self, VirtAddr va) {
  switch (self.fault_outcome) {
    case FaultOutcome::denied:
      return segmentation_fault(self, va);
    case FaultOutcome::past_end:
      return force_signal(self, abi::sigbus, {.code = abi::bus_adrerr, .first = va.value()});
    case FaultOutcome::no_memory:
      return kill_for_memory(self);
    case FaultOutcome::spurious:
      // Fenced and tried again; a machine that faults on and on is broken, and only this process may suffer.
      if (++self.spurious_faults < most_spurious_faults) return;
      self.kernel.console.log("pid {}: the fault at {:x} does not go away", self.pid, va);
      return exit_process(self, abi::status_killed(abi::sigkill));
    default:
      return;
  }
}

// A call that wants all of its caller's registers.
void serve_call_of_frame(Process& self, TrapFrame& frame) {
  const Errno error = serve_system_call(self, frame, call_table_of_frame);
  if (error != Errno() && error != Errno::frame_is_set) deliver_signals(self, error);
}

void serve_trap(Process& self, const TrapFrame& frame) {
  if (frame.interrupt()) {
    serve_interrupt(self.kernel, frame);
    self.kernel.scheduler.stop_point();
    if (static_cast<Interrupt>(frame.cause()) == Interrupt::timer) self.kernel.scheduler.yield();
    return;
  }
  if (frame.cause() >= signals.size()) panic("trap from user mode with cause {} that cannot be", frame.cause());
  const auto& [signal, code] = signals[frame.cause()];
  force_signal(self, signal, {.code = code, .first = frame.pc()});
}

}  // namespace

extern "C" void start_new_process() { first_steps(Process::current()); }

// What the first half of a trap leaves to trap_from_user(): a trap that has no first half, a page fault or a call with
// more to it; or, from Errno::erestart on, to end a call that a signal has ended. entry.S knows the first three
// numbers.
enum class Left : std::uint64_t { nothing, signals, trap, page_fault, call };

// In the first half the frame's callee-saved registers are not there yet. Nothing is left unless something has to be
// done that may look at them.
extern "C" Left page_fault_from_user(TrapFrame* frame) {
  Process& self = Process::current();
  ++self.faults;
  const Access access = frame->scause == store_page_fault  ? Access::store
                        : frame->scause == load_page_fault ? Access::load
                                                           : Access::execute;
  const FaultOutcome outcome = self.thread.space->serve_fault(VirtAddr(frame->stval), access);
  if (!served(outcome) || self.thread.interrupt.load(relaxed)) [[unlikely]] {
    self.fault_outcome = outcome;
    return Left::page_fault;
  }
  self.spurious_faults = 0;
  if (self.kernel.checker != nullptr) [[unlikely]]
    self.kernel.check(self);
  return Left::nothing;
}

extern "C" Left system_call_from_user(TrapFrame* frame) {
  Process& self = Process::current();
  frame->pc() += 4;
  self.spurious_faults = 0;
  if (const Errno error = serve_system_call(self, *frame); error != Errno()) [[unlikely]]
    return error == Errno::needs_frame ? Left::call : static_cast<Left>(error);
  if (self.thread.space->starved() || self.thread.interrupt.load(relaxed)) [[unlikely]]
    return Left::signals;
  if (self.kernel.checker != nullptr) [[unlikely]]
    self.kernel.check(self);
  return Left::nothing;
}

extern "C" void trap_from_user(TrapFrame* frame, Left left) {
  Process& self = Process::current();
  if (left == Left::trap) {
    serve_trap(self, *frame);
  } else if (left == Left::page_fault) {
    end_page_fault(self, VirtAddr(frame->stval));
  } else if (left == Left::call) {
    serve_call_of_frame(self, *frame);
  } else if (left != Left::signals) {
    deliver_signals(self, static_cast<Errno>(left));
  }
  act_on_signals(self);
  if (self.kernel.checker != nullptr) [[unlikely]]
    self.kernel.check(self);
}

extern "C" void trap_from_kernel(TrapFrame* frame) {
  if (frame->sp() != reinterpret_cast<std::uintptr_t>(frame) + KERNEL_FRAME_SIZE) {  // on the panic stack
    panic("kernel stack overflow: sp {:x}, pc {:x}", frame->sp(), frame->pc());
  }
  if (frame->interrupt()) return serve_interrupt(*this_hart().kernel, *frame);
  panic("trap from the kernel: cause {}, stval {:x}, pc {:x}", frame->cause(), frame->stval, frame->pc());
}

// Assembler's numbers (arch/riscv/layout.h and switch.S) against the structures they mean.
static_assert(offsetof(Hart, hartid) == HART_HARTID);
static_assert(offsetof(Hart, stack_top) == HART_STACK);
static_assert(sizeof(Hart) == HART_SIZE && offsetof(Hart, panic_stack) + sizeof(Hart::panic_stack) == HART_SIZE);

static_assert(offsetof(TrapFrame, x) == FRAME_PC && FRAME_X(0) == FRAME_PC);
static_assert(offsetof(TrapFrame, sstatus) == FRAME_SSTATUS);
static_assert(offsetof(TrapFrame, scause) == FRAME_SCAUSE);
static_assert(offsetof(TrapFrame, stval) == FRAME_STVAL);
static_assert(offsetof(TrapFrame, hart) == FRAME_HART);
static_assert(sizeof(TrapFrame) == FRAME_SIZE && FRAME_SIZE % 16 == 0);

static_assert(offsetof(Context, ra) == 0 && offsetof(Context, sp) == 8 && offsetof(Context, s) == 16 &&
              offsetof(Context, gp) == 112);
static_assert(offsetof(FpState, f) == 0 && offsetof(FpState, fcsr) == 256);

// entry.S tells an overflown stack by this one bit (lib/address.h).
static_assert(kernel_stack_size == 1 << 13 && kernel_stack_slot == 2 * kernel_stack_size);
static_assert(BOOT_STACK_SIZE == kernel_stack_size);

}  // namespace ox
