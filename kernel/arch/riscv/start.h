// How harts come to life. The boot hart: start.S runs kernel_main() on the boot stack. The others begin, by
// sbi_hart_start(), at secondary_start: on start_satp's page table they find their record in `harts` by their hartid,
// and run secondary_main() on the stack that it names.
#pragma once

#include <array>
#include <cstdint>

#include "arch/hart.h"
#include "lib/address.h"

namespace ox {

extern "C" std::uint64_t start_satp;
extern "C" const char secondary_start[];

// Main.cpp's. harts[0] is the boot hart's.
extern "C" std::array<Hart, max_harts> harts;
extern "C" [[noreturn]] void kernel_main(std::uint64_t hartid, PhysAddr device_tree);
extern "C" [[noreturn]] void secondary_main();

}  // namespace ox
