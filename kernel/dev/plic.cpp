#include "dev/plic.h"

#include "arch/hart.h"
#include "dev/mmio.h"

namespace ox {

namespace {

// Offsets (PLIC specification, "Memory Map").
constexpr std::uint64_t enables = 0x2000;  // a bit a source, 0x80 bytes a context
constexpr std::uint64_t enables_size = 0x80;
constexpr std::uint64_t contexts = 0x20'0000;  // threshold and claim/complete, 0x1000 bytes a context
constexpr std::uint64_t context_size = 0x1000;
constexpr std::uint64_t claim_offset = 4;

// A hart has two on QEMU's virt machine: for machine mode, and for supervisor mode.
std::uint64_t context_of(std::uint64_t hartid) { return 2 * hartid + 1; }

PhysAddr claim_register() {
  return plic_registers.start + (contexts + context_size * context_of(this_hart().hartid) + claim_offset);
}

}  // namespace

void plic_enable(std::uint32_t source, std::uint64_t hartid) {
  const std::uint64_t context = context_of(hartid);
  const PhysAddr start = plic_registers.start;
  write_register<std::uint32_t>(start + 4 * std::uint64_t{source}, 1);  // priority: 0 is never
  write_register<std::uint32_t>(start + (enables + enables_size * context), std::uint32_t{1} << source);
  write_register<std::uint32_t>(start + (contexts + context_size * context), 0);  // threshold: lets all through
}

std::uint32_t plic_claim() { return read_register<std::uint32_t>(claim_register()); }

void plic_complete(std::uint32_t source) { write_register<std::uint32_t>(claim_register(), source); }

}  // namespace ox
