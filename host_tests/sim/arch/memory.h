// Arch contract on the host. RAM is an array whose physical addresses differ from its pointers, so a mix-up of the two
// fails. The fences reach the simulated MMU of the hart that executes them (sim/mmu.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "arch/hart.h"
#include "lib/address.h"

namespace ox {

namespace sim {

inline constexpr PhysAddr ram_start{0x8000'0000};

struct Arena {
  std::byte* bytes = nullptr;
  std::uint64_t size = 0;
};
inline constinit Arena arena;

}  // namespace sim

inline std::byte* to_pointer(PhysAddr address) {
  sim::count_step();
  const std::uint64_t offset = address.value() - sim::ram_start.value();
  if (offset >= sim::arena.size) panic("simulator: there is no RAM at {:x}", address);
  return sim::arena.bytes + offset;
}
inline std::byte* to_pointer(Ppn frame) { return to_pointer(frame.address()); }
inline PhysAddr to_phys(const void* pointer) {
  return sim::ram_start + static_cast<std::uint64_t>(static_cast<const std::byte*>(pointer) - sim::arena.bytes);
}

void copy_page(void* to, const void* from);
void zero_page(void* page);

void sfence_vma(VirtAddr va);
void sfence_vma_all();
void fence_i();
void write_satp(Ppn root);
// Panics if a hart may still use `frame` in a translation, as a table or as a page.
void frame_freed(Ppn frame);

}  // namespace ox
