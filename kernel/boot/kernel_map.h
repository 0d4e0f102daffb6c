// The kernel's half of every address space (lib/memory_layout.h). It is built once at boot; after that only the entries
// of kernel stacks change.
//
// Rule 13 holds here too. The kernel's text and constants have two addresses, and the direct map has them read-only.
// The firmware's memory and the guards below stacks are not mapped at all.
// Fails: Errno::enomem while boot has not enough frames for the tables; Errno::eacces for W with X.
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
  PhysRange text;  // the image, its parts without gaps
  PhysRange rodata;
  PhysRange data;
  PhysRange guard;   // a part of data that is left out of the image's mapping
  PhysAddr ram_end;  // RAM goes from the image's start to here; what is below it is the firmware's
  std::span<const PhysRange> devices;
};

// A root whose upper half is complete.
Result<Ppn> build_kernel_map(Memory& memory, const KernelLayout& layout);

// Maps [va, va + size) to `pa` on, where nothing is mapped yet, in the largest pages that alignment allows.
Result<> map_kernel_range(Memory& memory, Ppn root, VirtAddr va, PhysAddr pa, std::uint64_t size, Prot prot);

}  // namespace ox
