#include "dev/power.h"

#include "arch/atomic.h"
#include "arch/hart.h"
#include "arch/riscv/sbi.h"
#include "dev/console.h"
#include "dev/mmio.h"

namespace ox {

namespace {

// QEMU's hw/misc/sifive_test.h.
constexpr std::uint32_t pass = 0x5555;
constexpr std::uint32_t fail = 0x3333;

// Not passed around: a panic needs it anywhere. Until the tree is read, where QEMU's virt has it. 0: it was used.
constinit Atomic<std::uint64_t> power_device{0x10'0000};

}  // namespace

void set_power_device(PhysAddr device) { power_device.store(device.value(), relaxed); }

void power_off(int status) {
  // A panic's status is not overtaken by another hart's.
  while (the_console.seized() && !this_hart().panicking) wait_for_interrupt();
  // Once: where there is no such device the store traps, and the panic comes here again.
  const PhysAddr device(power_device.exchange(0, relaxed));
  if (device != PhysAddr()) {
    write_register<std::uint32_t>(device, status == 0 ? pass : static_cast<std::uint32_t>(status) << 16 | fail);
  } else {
    // Not after the device as well: QEMU 10 may still be on its way, and would forget the status.
    sbi_shutdown(status != 0);
  }
  for (;;) wait_for_interrupt();
}

}  // namespace ox
