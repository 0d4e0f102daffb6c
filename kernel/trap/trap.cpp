// Each trap's handler (privileged specification, table "Supervisor cause register (scause) values after trap").
#include "audit/audit.h"
#include "signal/deliver.h"
#include "syscall/system_call.h"
#include "trap/handlers.h"

namespace ox {

namespace {

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
  if (cause == Cause::call_from_user) [[likely]] {
    system_call(self, *frame);
  } else if (cause == Cause::store_page_fault) {
    page_fault(self, VirtAddr(frame->stval), Access::store);
  } else if (cause == Cause::load_page_fault) {
    page_fault(self, VirtAddr(frame->stval), Access::load);
  } else if (cause == Cause::fetch_page_fault) {
    page_fault(self, VirtAddr(frame->stval), Access::execute);
  } else if (serve_interrupt(self.kernel, cause)) {
    after_interrupt(self.kernel);
  } else {
    other_exception(self, *frame);
  }
  act_on_signals(self);
  self.kernel.audit.check(self);
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
