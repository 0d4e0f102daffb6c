// Counts how much of a process's tree is its own, and how much of it is shared.
#pragma once

#include <array>
#include <cstdint>

#include "vm/memory.h"

namespace ox {

// [0] counts pages, [1] to [3] tables of level 0 to 2. A shared table counts as one; nothing below it is counted.
struct TreeTally {
  std::array<std::uint32_t, 4> own{};
  std::array<std::uint32_t, 4> shared{};
};

// Counts the tree at `root`. Called by the hart that runs its process, or before the process has run (rule 8).
TreeTally tally(const Memory& memory, Ppn root);

}  // namespace ox
