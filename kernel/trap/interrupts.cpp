// Interrupts: of the timer, of other harts, of devices.
#include "dev/device_tree.h"
#include "dev/plic.h"
#include "fs/terminal.h"
#include "sched/scheduler.h"
#include "trap/handlers.h"

namespace ox {

static void serve_devices(Kernel& kernel) {
  const std::uint32_t context = Plic::supervisor_context(this_hart().hartid);
  while (const std::uint32_t source = kernel.plic.claim(context)) {
    if (source == kernel.boot.uart.interrupt) kernel.terminal.receive();
    kernel.plic.complete(context, source);
  }
}

bool serve_interrupt(Kernel& kernel, Cause cause) {
  switch (cause) {
    case Cause::timer_interrupt:
      kernel.scheduler.tick();
      return true;
    case Cause::software_interrupt:  // from another hart, which has made a thread runnable, or wants all harts to stop
      csr_clear<Csr::sip>(sie_SSIE);
      this_hart().overdue |= kernel.scheduler.stopping();  // long work gives way, and stops
      return true;
    case Cause::external_interrupt:
      serve_devices(kernel);
      return true;
    default:
      return false;
  }
}

void after_interrupt(Kernel& kernel) {
  kernel.scheduler.stop_point();
  if (this_hart().overdue) kernel.scheduler.yield();
}

}  // namespace ox
