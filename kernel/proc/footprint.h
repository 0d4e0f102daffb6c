// How much memory a process uses, as /proc and getrusage(2) report it.
#pragma once

#include "proc/process.h"

namespace ox {

// In pages.
struct Footprint {
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::uint64_t files = 0;  // the resident pages that are pages of files
  std::uint64_t text = 0;
  std::uint64_t data = 0;
  std::uint64_t stack = 0;
};

// Called by the process itself, or while all other harts are stopped. The zero frame does not count as resident.
Footprint footprint(const Process& process);
// Whether the frame holds a page of a file.
bool is_file_page(const Memory& memory, Ppn frame);

}  // namespace ox
