// How harts come to life. The boot hart: start.S runs kernel_main() on the boot stack. The others: start_hart().
#pragma once

#include <cstddef>
#include <cstdint>

#include "arch/hart.h"
#include "lib/address.h"

namespace ox {

// Main.cpp's. harts[0] is the boot hart; start.S fills in its hartid and panic stack and points tp to it.
extern "C" Hart harts[max_harts];
extern "C" [[noreturn]] void kernel_main(std::uint64_t hartid, PhysAddr device_tree);
extern "C" [[noreturn]] void secondary_main();

// What a hart reads when it comes up, by physical address; start.S knows the layout. It must stay until the hart has
// called secondary_main().
struct StartRecord {
  std::uint64_t satp;  // the kernel's root
  std::uint64_t stack_top;
  Hart* hart;
};

// Lets `record.hart` run secondary_main() on its stack, tp set. The record stands in the kernel image. False: the
// firmware refused.
bool start_hart(const StartRecord& record);

// Where a trap goes when the kernel stack has overflown; one for each hart.
std::uint64_t panic_stack_top(unsigned hart_index);

}  // namespace ox
