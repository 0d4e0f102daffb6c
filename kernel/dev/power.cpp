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

// Global because a panic can need it anywhere. Until the device tree is read, it is the address in QEMU's virt machine.
// 0: it was used.
constinit Atomic<std::uint64_t> power_device{0x10'0000};

}  // namespace

void set_power_device(PhysAddr device) { power_device.store(device.value(), relaxed); }

void power_off(int status) {
  // If another hart panics, the machine must end with the panic's status.
  while (the_console.seized() && !this_hart().panicking) wait_for_interrupt();
  // The device is tried only once: if there is none, the store traps, and the panic calls this function again.
  const PhysAddr device(power_device.exchange(0, relaxed));
  if (device != PhysAddr()) {
    write_register<std::uint32_t>(device, status == 0 ? pass : static_cast<std::uint32_t>(status) << 16 | fail);
  } else {
    // Not asked in addition to the device: QEMU 10 may not have ended yet, and would forget the status.
    sbi_shutdown(status != 0);
  }
  for (;;) wait_for_interrupt();
}

}  // namespace ox
