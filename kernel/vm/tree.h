// Going through a table by its record: only groups that may hold something are looked at (rule 5).
#pragma once

#include <bit>
#include <cstdint>

#include "vm/frame.h"
#include "vm/pte.h"

namespace ox {

// Calls f(first index) for each group of 16 entries in `mask`.
template <class F>
[[gnu::always_inline]] inline void for_each_group(std::uint32_t mask, F f) {
  for (; mask != 0; mask &= mask - 1) f(static_cast<unsigned>(std::countr_zero(mask)) * group_entries);
}

// Calls f(index, entry) for each non-zero entry in the groups of `mask`.
template <class F>
[[gnu::always_inline]] inline void for_each_entry(const Table& table, std::uint32_t mask, F f) {
  for_each_group(mask, [&](unsigned first) {
    for (unsigned index = first; index < first + group_entries; ++index) {
      const Pte entry = table.get(index);
      if (!entry.empty()) f(index, entry);
    }
  });
}

}  // namespace ox
