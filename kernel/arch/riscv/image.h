// The kernel's own image, as ox.ld lays it out: linked at physical address + image_offset.
#pragma once

#include <cstdint>

#include "lib/memory_layout.h"

namespace ox {

// Bounds from the linker; only their addresses mean something. Each is page-aligned.
extern "C" const char text_start[], text_end[], rodata_start[], rodata_end[], data_start[], kernel_end[];

// As many bytes as a kernel stack has, which are not to be mapped, below the boot stack (start.S).
extern "C" const char boot_stack_guard[];

// Where something of the image stands in memory.
inline PhysAddr image_phys(const void* pointer) {
  return PhysAddr(reinterpret_cast<std::uintptr_t>(pointer) - image_offset);
}

}  // namespace ox
