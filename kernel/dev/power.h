// Switching the machine off.
#pragma once

#include "lib/address.h"

namespace ox {

// The device tree's sifive,test0. Without one the firmware switches off, and QEMU's exit status is always 0.
void set_power_device(PhysAddr device);

// Ends the machine; `status`, 0 to 255, becomes QEMU's exit status.
[[noreturn]] void power_off(int status);

}  // namespace ox
