// Panic. The arch contract (arch/panic.h) declares it, so that every floor can panic. It is defined here because it
// needs the console and the power switch.
#include "arch/panic.h"

#include "arch/hart.h"
#include "dev/console.h"
#include "dev/power.h"

namespace ox {

namespace {

constexpr int panic_status = 134;  // as a shell shows SIGABRT

}  // namespace

constinit std::string_view panic_advice;

void panic_text(std::string_view message) {
  csr_clear<Csr::sstatus>(sstatus_SIE);
  Hart& hart = this_hart();
  if (hart.panicking) power_off(panic_status);  // a panic within the panic
  if (!the_console.seize()) {
    for (;;) wait_for_interrupt();  // another hart prints, and ends the machine
  }
  Uart& out = the_console.uart();
  format(out, "ox: panic: hart {} pid {}: {}\r\n", hart.index, hart.pid, message);
  print_backtrace(out);
  if (!panic_advice.empty()) format(out, "ox: {}\r\n", panic_advice);
  power_off(panic_status);
}

}  // namespace ox
