// The kernel's own image, as ox.ld lays it out: linked at physical address + image_offset.
#pragma once

#include <cstdint>

#include "lib/memory_layout.h"

namespace ox {

// Bounds that the linker sets. Only their addresses are used; each is page-aligned.
extern "C" const char text_start[], text_end[], rodata_start[], rodata_end[], data_start[], kernel_end[];

// The guard below the boot stack (start.S): kernel_stack_size bytes that are never mapped.
extern "C" const char boot_stack_guard[];

// The physical address of an object in the image.
inline PhysAddr image_phys(const void* pointer) {
  return PhysAddr(reinterpret_cast<std::uintptr_t>(pointer) - image_offset);
}

}  // namespace ox
