// The platform-level interrupt controller (RISC-V PLIC specification 1.0): which hart hears of which device.
//
// No lock: enabling is for boot, claims and completions are the device's own atomic operations.
#pragma once

#include <cstdint>

namespace ox {

// Lets `source` interrupt a hart in supervisor mode (sie.SEIE is the hart's own business).
void plic_enable(std::uint32_t source, std::uint64_t hartid);
// The source that interrupts this hart, 0 if none does (any more). It stays quiet until it is completed.
std::uint32_t plic_claim();
void plic_complete(std::uint32_t source);

}  // namespace ox
