// A program's wrong instruction is answered here, mostly by a signal.
#include "dev/console.h"
#include "hub/options.h"
#include "trap/handlers.h"

namespace ox {

namespace {

constexpr unsigned most_spurious_faults = 8;  // without a system call or a fault that was served between them

// The signal that Linux sends for each other exception, by its number, and the signal's code.
struct ExceptionSignal {
  int signal;
  std::int32_t code;
};
constexpr std::array<ExceptionSignal, 8> exception_signals{
    {{abi::sigbus, abi::bus_adraln},  // instruction address misaligned
     {abi::sigsegv, abi::segv_accerr},
     {abi::sigill, abi::ill_illopc},
     {abi::sigtrap, abi::trap_brkpt},
     {abi::sigbus, abi::bus_adraln},  // load
     {abi::sigsegv, abi::segv_accerr},
     {abi::sigbus, abi::bus_adraln},  // store
     {abi::sigsegv, abi::segv_accerr}}};

}  // namespace

void segmentation_fault(Process& self, VirtAddr va) {
  if (self.kernel.options.debug) {
    self.kernel.console.log("pid {}: segmentation fault at {:x}, pc {:x}", self.pid, va, self.frame().pc());
  }
  const bool mapped = self.space->regions().find(va) != nullptr;
  force_signal(self, abi::sigsegv, {.code = mapped ? abi::segv_accerr : abi::segv_maperr, .first = va.value()});
}

void spurious_fault(Process& self, VirtAddr va) {
  if (++self.spurious_faults < most_spurious_faults) return;
  self.kernel.console.log("pid {}: the fault at {:x} does not go away", self.pid, va);
  exit_process(self, abi::status_killed(abi::sigkill));
}

void other_exception(Process& self, const TrapFrame& frame) {
  if (frame.scause >= exception_signals.size()) panic("trap from user mode with unknown scause {:x}", frame.scause);
  const ExceptionSignal& sent = exception_signals[frame.scause];
  force_signal(self, sent.signal, {.code = sent.code, .first = frame.pc()});
}

}  // namespace ox
