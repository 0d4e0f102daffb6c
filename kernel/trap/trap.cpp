// Each trap's handler (privileged specification, table "Supervisor cause register (scause) values after trap").
#include "abi/process.h"
#include "proc/kernel.h"
#include "syscall/call.h"

namespace ox {

namespace {

constexpr unsigned most_spurious_faults = 8;  // without a system call or a fault that was served between them

constexpr std::uint64_t interrupt_bit = std::uint64_t{1} << 63;
// The values of scause that this file tells apart.
enum class Cause : std::uint64_t {
  call_from_user = 8,
  fetch_page_fault = 12,
  load_page_fault = 13,
  store_page_fault = 15,
  software_interrupt = interrupt_bit | 1,
  timer_interrupt = interrupt_bit | 5,
  external_interrupt = interrupt_bit | 9,
};

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

void segmentation_fault(Process& self, VirtAddr va) {
  if (self.kernel.options.debug) {
    self.kernel.console.log("pid {}: segmentation fault at {:x}, pc {:x}", self.pid, va, self.frame().pc());
  }
  const bool mapped = self.space->regions().find(va) != nullptr;
  force_signal(self, abi::sigsegv, {.code = mapped ? abi::segv_accerr : abi::segv_maperr, .first = va.value()});
}

// The entry permits the access already. Such a fault is fenced and retried, but a machine that faults on and on is
// broken, and only this process may suffer.
void spurious_fault(Process& self, VirtAddr va) {
  if (++self.spurious_faults < most_spurious_faults) return;
  self.kernel.console.log("pid {}: the fault at {:x} does not go away", self.pid, va);
  exit_process(self, abi::status_killed(abi::sigkill));
}

void page_fault(Process& self, VirtAddr va, Access access) {
  ++self.faults;
  switch (self.space->handle_fault(va, access)) {
    case FaultOutcome::denied:
      return segmentation_fault(self, va);
    case FaultOutcome::past_end:
      return force_signal(self, abi::sigbus, {.code = abi::bus_adrerr, .first = va.value()});
    case FaultOutcome::no_memory:
      return kill_for_memory(self);
    case FaultOutcome::spurious:
      return spurious_fault(self, va);
    default:
      self.spurious_faults = 0;  // the instruction runs again, and this time it succeeds
  }
}

void system_call(Process& self, TrapFrame& frame) {
  self.spurious_faults = 0;
  frame.pc() += 4;  // past the ecall
  const Errno error = serve_system_call(self, frame);
  if (error != Errno() && error != Errno::frame_is_set) deliver_signals(self, error);
}

// Serves an interrupt, from user mode or from the kernel. False: `cause` is no interrupt that is enabled.
bool serve_interrupt(Kernel& kernel, Cause cause) {
  switch (cause) {
    case Cause::timer_interrupt:
      kernel.scheduler.tick();
      return true;
    case Cause::software_interrupt:  // from another hart, which has made a thread runnable, or wants all harts to stop
      csr_clear<Csr::sip>(sie_SSIE);
      return true;
    case Cause::external_interrupt:
      kernel.serve_devices();
      return true;
    default:
      return false;
  }
}

void interrupt_from_user(Scheduler& scheduler) {
  scheduler.stop_point();
  if (this_hart().overdue) scheduler.yield();
}

void other_exception(Process& self, const TrapFrame& frame) {
  if (frame.scause >= exception_signals.size()) panic("trap from user mode with unknown scause {:x}", frame.scause);
  const ExceptionSignal& sent = exception_signals[frame.scause];
  force_signal(self, sent.signal, {.code = sent.code, .first = frame.pc()});
}

std::string_view cause_name(std::uint64_t cause) {
  std::string_view names =
      "misaligned fetch,fetch access fault,illegal instruction,breakpoint,misaligned load,load access fault,"
      "misaligned store,store access fault,call from user mode,call from the kernel,reserved,reserved,"
      "fetch page fault,load page fault,reserved,store page fault";
  std::string_view name = take_piece(names, ',');
  for (; cause > 0 && !name.empty(); --cause) name = take_piece(names, ',');
  return name;
}

}  // namespace

extern "C" void start_new_process() { first_steps(Process::current()); }

// Called by trap_entry on the process's kernel stack, interrupts off, with all of the user's registers in `frame`.
extern "C" void trap_from_user(TrapFrame* frame) {
  Process& self = Process::current();
  const Cause cause{frame->scause};
  switch (cause) {
    case Cause::call_from_user:
      system_call(self, *frame);
      break;
    case Cause::fetch_page_fault:
      page_fault(self, VirtAddr(frame->stval), Access::execute);
      break;
    case Cause::load_page_fault:
      page_fault(self, VirtAddr(frame->stval), Access::load);
      break;
    case Cause::store_page_fault:
      page_fault(self, VirtAddr(frame->stval), Access::store);
      break;
    default:
      if (serve_interrupt(self.kernel, cause)) {
        interrupt_from_user(self.kernel.scheduler);
      } else {
        other_exception(self, *frame);
      }
  }
  act_on_signals(self);
  if (self.kernel.checker != nullptr) self.kernel.check(self);
}

// The kernel itself causes no exceptions: one of them means that it is broken.
extern "C" void trap_from_kernel(TrapFrame* frame) {
  if (frame->sp() != reinterpret_cast<std::uintptr_t>(frame) + KERNEL_FRAME_SIZE) {  // on the panic stack
    panic("kernel stack overflow: sp {:x}, pc {:x}", frame->sp(), frame->pc());
  }
  if (serve_interrupt(*this_hart().kernel, Cause{frame->scause})) return;
  panic("trap from the kernel: cause {} ({}), stval {:x}, pc {:x}", frame->scause, cause_name(frame->scause),
        frame->stval, frame->pc());
}

}  // namespace ox
