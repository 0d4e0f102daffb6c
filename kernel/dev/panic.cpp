// The end of everything: switching off, and panics. Those are declared in the arch contract (arch/panic.h) so that
// every floor can panic; they stand here because they need the console and the power switch.
#include "arch/panic.h"

#include "arch/hart.h"
#include "arch/riscv/backtrace.h"
#include "dev/console.h"
#include "dev/mmio.h"
#include "dev/power.h"

namespace ox {

namespace {

constexpr int panic_status = 134;  // as a shell shows SIGABRT

// QEMU's hw/misc/sifive_test.h.
constexpr std::uint32_t pass = 0x5555;
constexpr std::uint32_t fail = 0x3333;

}  // namespace

void power_off(int status) {
  // A panic's status is not overtaken by another hart's.
  while (the_console.seized() && !this_hart().panicking) wait_for_interrupt();
  const std::uint32_t command = status == 0 ? pass : static_cast<std::uint32_t>(status) << 16 | fail;
  write_register<std::uint32_t>(power_registers.start, command);
  for (;;) wait_for_interrupt();
}

void panic_text(std::string_view message) {
  csr_clear<Csr::sstatus>(sstatus_SIE);
  Hart& hart = this_hart();
  if (hart.panicking) power_off(panic_status);  // the panic panics
  if (!the_console.seize()) {
    for (;;) wait_for_interrupt();  // another hart prints, and ends the machine
  }
  Uart& out = the_console.uart();
  format(out, "ox: panic: hart {} pid {}: {}\r\n", hart.index, hart.pid, message);
  print_backtrace(out);
  power_off(panic_status);
}

}  // namespace ox
