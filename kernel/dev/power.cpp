#include "dev/power.h"

#include "arch/hart.h"
#include "dev/console.h"
#include "dev/mmio.h"

namespace ox {

namespace {

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

}  // namespace ox
