// Going through a table by its record: only groups that may hold something are looked at (rule 5).
#pragma once

#include <array>
#include <cstdint>

#include "vm/frame.h"
#include "vm/pte.h"

namespace ox {

// The number of the lowest bit in `mask`, which is not 0. RV64GC has no instruction for it, and libgcc's function costs
// more than a group; a de Bruijn sequence has each five bits once, so the product's top five bits tell the shift.
inline std::size_t lowest_bit(std::uint32_t mask) {
  static constexpr std::uint32_t sequence = 0x077c'b531;
  static constexpr auto position = [] {
    std::array<std::uint8_t, 32> table{};
    for (unsigned bit = 0; bit < 32; ++bit) table[(sequence << bit) >> 27] = static_cast<std::uint8_t>(bit);
    return table;
  }();
  return position[((mask & -mask) * sequence) >> 27];
}

// Calls f(first index) for each group of 16 entries in `mask`. Groups come in runs: only a run's start is searched for
// (6 instructions less for each of a full table's 32 groups).
template <class F>
[[gnu::always_inline]] inline void for_each_group(std::uint64_t mask, F f) {
  while (mask != 0) {
    std::size_t group = lowest_bit(static_cast<std::uint32_t>(mask));
    do {
      f(group * group_entries);
      mask &= mask - 1;
    } while ((mask >> ++group & 1) != 0);
  }
}

// Calls f(index, entry) for each non-zero entry in the groups of `mask`.
template <class F>
[[gnu::always_inline]] inline void for_each_entry(const Table& table, std::uint32_t mask, F f) {
  for_each_group(mask, [&](std::size_t first) {
    for (std::size_t i = first; i < first + group_entries; ++i) {
      const Pte entry = table.get(i);
      if (!entry.empty()) f(i, entry);
    }
  });
}

}  // namespace ox
