// One page table: a frame with 512 entries, seen as 32 groups of 16.
//
// The frame's record says which groups have entries (rule 5), so that a walk over a table looks at no others.
// Locks: none. Each entry is read and written by one relaxed 64-bit access. Rule 2 says who may write.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arch/atomic.h"
#include "arch/memory.h"
#include "vm/pte.h"

namespace ox {

inline constexpr std::size_t group_entries = 16;

constexpr std::uint32_t group_bit(std::size_t index) { return std::uint32_t{1} << (index / group_entries); }

class PageTable {
 public:
  static PageTable& at(Ppn frame) { return *reinterpret_cast<PageTable*>(to_pointer(frame)); }

  Pte get(std::size_t index) const { return Pte(entries_[index].load(relaxed)); }
  void set(std::size_t index, Pte entry) { entries_[index].store(entry.bits(), relaxed); }

 private:
  Atomic<std::uint64_t> entries_[table_entries];  // no std::array: its bounds check costs more than the access
};
static_assert(sizeof(PageTable) == page_size);

// Calls f(first index) for each group in `groups`.
template <class F>
void for_each_group(std::uint32_t groups, F f) {
  for (std::size_t first = 0; groups != 0; groups >>= 1, first += group_entries) {
    if ((groups & 1) != 0) f(first);
  }
}

// Calls f(index, entry) for each entry in `groups` that is not empty.
template <class F>
void for_each_entry(const PageTable& table, std::uint32_t groups, F f) {
  for_each_group(groups, [&](std::size_t first) {
    for (std::size_t i = first; i < first + group_entries; ++i) {
      const Pte entry = table.get(i);
      if (!entry.is_empty()) f(i, entry);
    }
  });
}

}  // namespace ox
