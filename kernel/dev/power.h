// Switching the machine off.
#pragma once

#include "lib/address.h"

namespace ox {

// The device tree's sifive,test0, or QEMU's. Where none is the firmware switches off, with a status of its own; if that
// cannot either, the harts wait for ever.
void set_power_device(PhysAddr device);

// Ends the machine; `status`, 0 to 255, becomes QEMU's exit status.
[[noreturn]] void power_off(int status);

}  // namespace ox
