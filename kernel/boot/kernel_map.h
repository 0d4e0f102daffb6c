// The kernel's half of every address space (lib/memory_layout.h). It is built once at boot; after that only the entries
// of kernel stacks change.
//
// Rule 13 holds here too. The kernel's text and constants are mapped twice: in the image, and read-only in the direct
// map. The firmware's memory and the guards below stacks are not mapped at all.
// Fails: Errno::enomem without enough frames for the tables; Errno::eacces for W with X.
#pragma once

#include <cstdint>
#include <span>

#include "lib/memory_layout.h"
#include "lib/result.h"
#include "vm/memory.h"
#include "vm/page_table.h"

namespace ox {

// Page-aligned ranges.
struct KernelLayout {
  PhysRange text;  // the parts of the image, without gaps between them
  PhysRange rodata;
  PhysRange data;
  PhysRange guard;   // the part of data that the image's mapping leaves out
  PhysAddr ram_end;  // RAM is mapped from the image's start to here; RAM below the image is the firmware's
  std::span<const PhysRange> devices;
};

// Builds a root whose upper half is complete, and returns it.
Result<Ppn> build_kernel_map(Memory& memory, const KernelLayout& layout);

// Maps [va, va + size) to the physical memory at `pa`, in the largest pages that alignment allows. Nothing may be
// mapped there yet.
Result<> map_kernel_range(Memory& memory, Ppn root, VirtAddr va, PhysAddr pa, std::uint64_t size, Prot prot);

}  // namespace ox
