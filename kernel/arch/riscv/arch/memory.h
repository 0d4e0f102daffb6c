// Arch contract: physical memory as the kernel sees it, and the fences of address translation.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arch/csr.h"
#include "lib/memory_layout.h"

namespace ox {

// The direct map: all of RAM, never executable.

inline std::byte* to_pointer(PhysAddr address) {
  return reinterpret_cast<std::byte*>(direct_map_base + address.value());  // NOLINT: the one door from PA to pointer
}
inline std::byte* to_pointer(Ppn frame) { return to_pointer(frame.address()); }

// `pointer` lies in the direct map.
inline PhysAddr to_phys(const void* pointer) {
  return PhysAddr(reinterpret_cast<std::uintptr_t>(pointer) - direct_map_base);
}

// Whole pages, as fast as the machine moves memory. Both pointers are page-aligned and do not overlap.
void copy_page(void* to, const void* from);
void zero_page(void* page);

// sfence.vma with rs1 = va: forgets the leaf entries for that address on this hart, non-leaf entries not.
inline void sfence_vma(VirtAddr va) { asm volatile("sfence.vma %0, zero" ::"r"(va.value()) : "memory"); }
// sfence.vma with rs1 = x0: forgets leaf and non-leaf entries of every address on this hart.
inline void sfence_vma_all() { asm volatile("sfence.vma zero, zero" ::: "memory"); }
inline void fence_i() { asm volatile("fence.i" ::: "memory"); }

// The one door to satp: this hart translates through `root` from here on, with nothing cached from before.
inline void write_satp(Ppn root) {
  csr_write<Csr::satp>(satp_sv39 | root.value());
  sfence_vma_all();
}

// The last reference to `frame` is gone and it is about to be free; a simulated machine asks who still caches it.
inline void frame_freed(Ppn) {}

}  // namespace ox
