// The platform-level interrupt controller (RISC-V PLIC specification 1.0): which hart hears of which device.
//
// A context is a hart in one privilege mode. QEMU's virt machine has two for each hart, machine and supervisor mode.
// No lock: enable() is for boot, claims and completions are the device's own atomic operations.
#pragma once

#include <cstdint>

#include "lib/address.h"

namespace ox {

class Plic {
 public:
  void start(PhysAddr registers) { registers_ = registers; }
  static std::uint32_t supervisor_context(std::uint64_t hartid) { return static_cast<std::uint32_t>(2 * hartid + 1); }
  // Lets `source` interrupt `context` (sie.SEIE is the hart's own business).
  void enable(std::uint32_t source, std::uint32_t context);
  // The source that interrupts, 0 if none does (any more). It stays quiet until complete().
  std::uint32_t claim(std::uint32_t context);
  void complete(std::uint32_t context, std::uint32_t source);

 private:
  PhysAddr registers_;
};

}  // namespace ox
