#include "dev/plic.h"

#include "dev/mmio.h"

namespace ox {

namespace {

// Offsets (PLIC specification, "Memory Map").
constexpr std::uint64_t enables = 0x2000;  // a bit a source, 0x80 bytes a context
constexpr std::uint64_t enables_size = 0x80;
constexpr std::uint64_t contexts = 0x20'0000;  // threshold and claim/complete, 0x1000 bytes a context
constexpr std::uint64_t context_size = 0x1000;
constexpr std::uint64_t claim_offset = 4;

}  // namespace

void Plic::enable(std::uint32_t source, std::uint32_t context) {
  write_register<std::uint32_t>(registers_ + 4 * std::uint64_t{source}, 1);  // priority: 0 is never
  const PhysAddr word = registers_ + (enables + enables_size * context + std::uint64_t{4} * (source / 32));
  write_register<std::uint32_t>(word, read_register<std::uint32_t>(word) | std::uint32_t{1} << source % 32);
  write_register<std::uint32_t>(registers_ + (contexts + context_size * context), 0);  // threshold: lets all through
}

std::uint32_t Plic::claim(std::uint32_t context) {
  return read_register<std::uint32_t>(registers_ + (contexts + context_size * context + claim_offset));
}

void Plic::complete(std::uint32_t context, std::uint32_t source) {
  write_register<std::uint32_t>(registers_ + (contexts + context_size * context + claim_offset), source);
}

}  // namespace ox
