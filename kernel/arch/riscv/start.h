// How harts come to life. The boot hart: start.S runs kernel_main() on the boot stack. The others: start_hart().
#pragma once

#include <cstdint>

#include "arch/hart.h"
#include "lib/address.h"

namespace ox {

// Main.cpp's. harts[0] is the boot hart's; start.S points tp to it and fills in its hartid and panic stack.
extern "C" Hart harts[max_harts];
extern "C" [[noreturn]] void kernel_main(std::uint64_t hartid, PhysAddr device_tree);
extern "C" [[noreturn]] void secondary_main();

// What a hart reads when it comes up, before translation is on; start.S knows the layout.
struct StartRecord {
  std::uint64_t hartid = ~std::uint64_t{0};
  std::uint64_t satp = 0;
  std::uint64_t stack_top = 0;
  Hart* hart = nullptr;
};

// Lets the hart with number `hartid` run secondary_main() on its stack and the kernel's root, as harts[index], which
// this fills in. index > 0. False: the firmware refused.
bool start_hart(unsigned index, std::uint64_t hartid, Ppn root, std::uint64_t stack);

}  // namespace ox
