// Page-table entries and page tables of Sv39 (privileged specification, "Sv39: Page-Based 39-bit Virtual-Memory
// System").
//
//     63   54 53           10 9   8 7 6 5 4 3 2 1 0
//    +-------+---------------+-----+-+-+-+-+-+-+-+-+
//    |   0   |      PPN      | RSW |D|A|G|U|X|W|R|V|
//    +-------+---------------+-----+-+-+-+-+-+-+-+-+
//                               `-- bits 8 and 9: MAY_WRITE and MAP_SHARED, ours; hardware ignores them
//
// A non-zero entry is one reference to the frame it names (rule 1), valid or not: an entry with V=0 and a frame is a
// page without access, or one that is detached and waits for the fence. The one exception is the kernel's half of a
// process's root: it is the same in every root, not counted, and in no group. Every valid leaf has A and D set, so
// hardware has no reason to write a table (rule 2). Every non-leaf has D=A=U=0, as the specification demands.
//
// A table is a frame with 512 entries, seen as 32 groups of 16. The frame's record says which groups have entries (rule
// 5), so that a walk over a table looks at no others. Locks: none; rule 2 says who may write an entry.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arch/atomic.h"
#include "arch/memory.h"
#include "lib/address.h"

namespace ox {

enum class Access : std::uint8_t { load, store, execute };

// What a mapping allows. Write with execute is refused where mappings are made (rule 13).
struct Prot {
  bool read = false;
  bool write = false;
  bool execute = false;

  constexpr bool none() const { return !read && !write && !execute; }
  constexpr bool operator==(const Prot&) const = default;
};

class Pte {
 public:
  static constexpr std::uint64_t V = 1 << 0, R = 1 << 1, W = 1 << 2, X = 1 << 3, U = 1 << 4, G = 1 << 5, A = 1 << 6,
                                 D = 1 << 7;
  static constexpr std::uint64_t MAY_WRITE = 1 << 8;   // the process may write here; W: without a fault
  static constexpr std::uint64_t MAP_SHARED = 1 << 9;  // as in mmap(2): copies of the tree map the same page

  constexpr Pte() = default;
  explicit constexpr Pte(std::uint64_t bits) : bits_(bits) {}
  // A pointer to the next level of page table.
  static constexpr Pte next_level(Ppn table) { return Pte(table.value() << 10 | V); }
  // A leaf for a page that is newly mapped: without W, which a store fault sets (rule 3). As on Linux, memory that may
  // be written can be read: W without R is reserved.
  static constexpr Pte user_leaf(Ppn frame, Prot prot) {
    return Pte(frame.value() << 10 | U | A | D | (prot.none() ? 0 : V) | (prot.read || prot.write ? R : 0) |
               (prot.execute ? X : 0) | (prot.write ? MAY_WRITE : 0));
  }
  static constexpr Pte kernel_leaf(Ppn frame, Prot prot) {
    return Pte(frame.value() << 10 | V | G | A | D | R | (prot.write ? W : 0) | (prot.execute ? X : 0));
  }

  constexpr std::uint64_t bits() const { return bits_; }
  constexpr Ppn frame() const { return Ppn(bits_ >> 10); }  // bits 54 to 63 are 0
  constexpr bool is_empty() const { return bits_ == 0; }
  constexpr bool is_valid() const { return (bits_ & V) != 0; }
  constexpr bool is_leaf() const { return (bits_ & (R | W | X)) != 0; }
  constexpr bool is_readable() const { return (bits_ & R) != 0; }
  constexpr bool is_writable() const { return (bits_ & W) != 0; }
  constexpr bool is_executable() const { return (bits_ & X) != 0; }
  constexpr bool may_write() const { return (bits_ & MAY_WRITE) != 0; }
  constexpr bool is_map_shared() const { return (bits_ & MAP_SHARED) != 0; }

  // Whether hardware lets a user do this.
  constexpr bool permits(Access access) const {
    const std::uint64_t wanted = access == Access::load ? R : access == Access::store ? W : X;
    return (bits_ & (V | wanted)) == (V | wanted);
  }

  constexpr Pte with(std::uint64_t flags) const { return Pte(bits_ | flags); }
  constexpr Pte without(std::uint64_t flags) const { return Pte(bits_ & ~flags); }
  constexpr Pte with_frame(Ppn frame) const { return Pte((bits_ & 0x3ff) | frame.value() << 10); }
  constexpr bool operator==(const Pte&) const = default;

 private:
  std::uint64_t bits_ = 0;
};

inline constexpr std::size_t group_entries = 16;

constexpr std::uint32_t group_bit(std::size_t index) { return std::uint32_t{1} << (index / group_entries); }

// Each entry is read and written by one relaxed 64-bit access.
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
