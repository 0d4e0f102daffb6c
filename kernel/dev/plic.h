// The platform-level interrupt controller (RISC-V PLIC specification 1.0): which device interrupts which hart.
//
// A context is a hart in one privilege mode. QEMU's virt machine has two for each hart, machine and supervisor mode.
// No lock: only boot calls enable(), and the device makes claims and completions atomic.
#pragma once

#include <cstdint>

#include "dev/mmio.h"

namespace ox {

class Plic {
 public:
  explicit Plic(PhysAddr registers) : registers_(registers) {}
  static std::uint32_t supervisor_context(std::uint64_t hartid) { return static_cast<std::uint32_t>(2 * hartid + 1); }
  // Lets `source` interrupt `context`. The hart must also set sie.SEIE.
  void enable(std::uint32_t source, std::uint32_t context) {
    write_register<std::uint32_t>(registers_ + 4 * std::uint64_t{source}, 1);  // priority: 0 would be never
    const PhysAddr word = registers_ + (enables + enables_size * context + std::uint64_t{4} * (source / 32));
    write_register<std::uint32_t>(word, read_register<std::uint32_t>(word) | std::uint32_t{1} << source % 32);
    write_register<std::uint32_t>(registers_ + (contexts + context_size * context), 0);  // threshold: lets all through
  }
  // The source that interrupts; 0: none, or another hart has claimed it. The source does not interrupt again until
  // complete().
  std::uint32_t claim(std::uint32_t context) { return read_register<std::uint32_t>(claim_register(context)); }
  void complete(std::uint32_t context, std::uint32_t source) { write_register(claim_register(context), source); }

 private:
  // Offsets (PLIC specification, "Memory Map").
  static constexpr std::uint64_t enables = 0x2000;  // one bit for each source, 0x80 bytes for each context
  static constexpr std::uint64_t enables_size = 0x80;
  static constexpr std::uint64_t contexts = 0x20'0000;  // threshold and claim/complete, 0x1000 bytes for each
  static constexpr std::uint64_t context_size = 0x1000;
  static constexpr std::uint64_t claim_offset = 4;

  PhysAddr claim_register(std::uint32_t context) const {
    return registers_ + (contexts + context_size * context + claim_offset);
  }

  PhysAddr registers_;
};

}  // namespace ox
