// How much memory a process has, as /proc and getrusage(2) tell it.
#pragma once

#include "proc/process.h"

namespace ox {

// In pages.
struct Footprint {
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::uint64_t files = 0;  // of the resident ones, pages of files
  std::uint64_t text = 0;
  std::uint64_t data = 0;
  std::uint64_t stack = 0;
};

// Asked by the process itself, or while all other harts are stopped. Pages of zeros are not counted as resident.
Footprint footprint(const Process& process);
// Whether the frame holds a page of a file.
bool is_file_page(const Memory& memory, Ppn frame);

}  // namespace ox
