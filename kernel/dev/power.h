// Switching the machine off.
#pragma once

namespace ox {

// Ends the machine; `status`, 0 to 255, becomes QEMU's exit status.
[[noreturn]] void power_off(int status);

}  // namespace ox
