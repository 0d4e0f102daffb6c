// Switching the machine off.
#pragma once

#include "lib/address.h"

namespace ox {

// Sets the address of the device that ends the machine: sifive,test0. If the machine has no such device, the firmware
// shuts it down, with a status of its own; if the firmware cannot, the harts wait for ever.
void set_power_device(PhysAddr device);

// Ends the machine; `status`, 0 to 255, becomes QEMU's exit status.
[[noreturn]] void power_off(int status);

}  // namespace ox
