// Page-table entries and tables, Sv39 (privileged specification, "Sv39: Page-Based 39-bit Virtual-Memory System").
//
//     63   54 53           10 9   8 7 6 5 4 3 2 1 0
//    +-------+---------------+-----+-+-+-+-+-+-+-+-+
//    |   0   |      PPN      | RSW |D|A|G|U|X|W|R|V|
//    +-------+---------------+-----+-+-+-+-+-+-+-+-+
//                               `-- bits 8 and 9: MAY_WRITE and SHARED, ours; hardware ignores them
//
// A non-zero entry is one reference to the frame it names (rule 1), valid or not: V=0 with a frame is a page without
// access, or an entry that is detached and waits for the fence. Every valid leaf has A and D set, every non-leaf has
// D=A=U=0 (rule 2), so hardware never writes a table.
#pragma once

#include <array>
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
  static constexpr std::uint64_t MAY_WRITE = 1 << 8;  // the process may write here; W alone says without a fault
  static constexpr std::uint64_t SHARED = 1 << 9;     // Linux: MAP_SHARED. Copies of the tree have the same page

  constexpr Pte() = default;
  explicit constexpr Pte(std::uint64_t bits) : bits_(bits) {}
  static constexpr Pte table(Ppn frame) { return Pte(frame.value() << 10 | V); }
  // A user's leaf, never with W: only a store fault gives that (rule 3). A write-only mapping can be read, as on Linux:
  // W without R is reserved.
  static constexpr Pte user_leaf(Ppn frame, Prot prot) {
    return Pte(frame.value() << 10 | U | A | D | (prot.none() ? 0 : V) | (prot.read || prot.write ? R : 0) |
               (prot.execute ? X : 0) | (prot.write ? MAY_WRITE : 0));
  }
  static constexpr Pte kernel_leaf(Ppn frame, Prot prot) {
    return Pte(frame.value() << 10 | V | G | A | D | R | (prot.write ? W : 0) | (prot.execute ? X : 0));
  }

  constexpr std::uint64_t bits() const { return bits_; }
  constexpr Ppn frame() const { return Ppn(bits_ >> 10); }  // bits 54 to 63 are 0
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool valid() const { return (bits_ & V) != 0; }
  constexpr bool leaf() const { return (bits_ & (R | W | X)) != 0; }
  constexpr bool readable() const { return (bits_ & R) != 0; }
  constexpr bool writable() const { return (bits_ & W) != 0; }
  constexpr bool executable() const { return (bits_ & X) != 0; }
  constexpr bool may_write() const { return (bits_ & MAY_WRITE) != 0; }
  constexpr bool shared() const { return (bits_ & SHARED) != 0; }

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

// Tables are gone through in groups of entries, and only groups that may hold something are looked at (rule 5).
inline constexpr std::size_t group_entries = 16;

// A page table in its frame. Each entry is read and written by one relaxed 64-bit access; who may write is rule 2's
// question, in what order others see it is decided by the counts.
class Table {
 public:
  static Table& at(Ppn frame) { return *reinterpret_cast<Table*>(to_pointer(frame)); }

  Pte get(std::size_t index) const { return Pte(entries_[index].load(relaxed)); }
  void set(std::size_t index, Pte entry) { entries_[index].store(entry.bits(), relaxed); }
  // Takes W from the entries of a group: 3 instructions each; rolled, or with two indices, it is up to 6.
  void write_protect(std::size_t first) {
    Atomic<std::uint64_t>* const group = &entries_[first];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < group_entries; ++i) group[i].store(group[i].load(relaxed) & ~Pte::W, relaxed);
  }

 private:
  Atomic<std::uint64_t> entries_[table_entries];  // no std::array: its bounds check costs more than the access
};
static_assert(sizeof(Table) == page_size);

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
