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

// `pointer` must lie in the direct map.
inline PhysAddr to_phys(const void* pointer) {
  return PhysAddr(reinterpret_cast<std::uintptr_t>(pointer) - direct_map_base);
}

// Copy or clear a whole page, in as few instructions as possible. Pointers are page-aligned, and the pages differ.
void copy_page(void* to, const void* from);
void zero_page(void* page);

// sfence.vma with rs1 = va: this hart forgets its leaf entries for that address. It may keep non-leaf entries.
inline void sfence_vma(VirtAddr va) { asm volatile("sfence.vma %0, zero" ::"r"(va.value()) : "memory"); }
// sfence.vma with rs1 = x0: this hart forgets its leaf and non-leaf entries for every address.
inline void sfence_vma_all() { asm volatile("sfence.vma zero, zero" ::: "memory"); }
inline void fence_i() { asm volatile("fence.i" ::: "memory"); }

// From here on this hart translates through `root`, with nothing cached from before. Nothing else in C++ writes satp.
inline void write_satp(Ppn root) {
  csr_write<Csr::satp>(satp_sv39 | root.value());
  sfence_vma_all();
}

// Called when the last reference to a frame is gone, before the frame becomes free. It does nothing here; the simulated
// machine checks that no TLB still caches the frame.
inline void frame_freed(Ppn) {}

}  // namespace ox
