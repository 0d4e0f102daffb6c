// One process's tree of page tables: root (level 2), level-1 and level-0 tables, pages.
//
// Owns: one reference to its root. Below it, entries are references (rule 1), and any table or page may be shared
// with other trees.
// Invariants: rules 1 to 6 of the design; a table is *owned* if it and every table above it have count 1 (rule 2).
// Locks: none (rule 8). Only the hart that runs the process calls anything here.
// Fails: with Errno::enomem only, and then every tree is valid, nothing is lost and nobody can see a difference.
#pragma once

#include <cstdint>

#include "lib/result.h"
#include "vm/memory.h"
#include "vm/pte.h"

namespace ox {

// One reference less to `node`, a table of `level` or a page (level -1); the last one takes what hangs below along.
void drop_tree(Memory& memory, Ppn node, int level);
inline void drop_page(Memory& memory, Ppn page) {
  if (!memory.frames.drop(page)) return;
  Counters::add(memory.here().pages_freed);
  memory.frames.free(page, Content::any);
}

class PageTable {
 public:
  static Result<PageTable> create(Memory& memory, Reserve reserve);
  PageTable(PageTable&& other) noexcept;
  ~PageTable();

  Ppn root() const { return root_; }
  void set_reserve(Reserve reserve) { reserve_ = reserve; }

  // --- page_table.cpp
  // The entry for `va` in a level-0 table; empty where there is none.
  Pte leaf(VirtAddr va) const;
  // The level-0 table that `va` is in, if the whole path is owned; else none. All in registers: for the fault handler.
  Ppn find_owned(VirtAddr va) const;
  // The same after making the path owned, down to level `lowest`: absent tables are made, shared ones copied. None: no
  // memory.
  Ppn own(VirtAddr va, int lowest = 0);
  // Writes the leaf at `va` into its table, which is owned. The entry takes over the caller's reference to its frame;
  // what stood there before is the caller's.
  void install(Ppn table, VirtAddr va, Pte leaf);
  // Rule 5 holds already for a leaf at `va` in `table`, which is owned; and makes it so.
  bool marked(Ppn table, VirtAddr va, bool writable) const;
  void mark(VirtAddr va, bool writable);

  // Pages that no entry names yet; none: no memory. (A Result would cost the fault handler 12 instructions.)
  Ppn new_page(Content content) { return memory_->frames.take(FrameKind::page, content, reserve_); }
  Ppn copy_frame(Ppn from) {
    const Ppn twin = new_page(Content::any);
    if (twin == Ppn()) return twin;
    copy_page(to_pointer(twin), to_pointer(from));
    return twin;
  }

  // Of an entry that becomes `after`.
  void tell_entry(Ppn table, int level, std::size_t index, Pte before, Pte after) const {
    memory_->tell([=] {
      return Event{.kind = Event::Kind::entry,
                   .level = level,
                   .index = static_cast<std::uint32_t>(index),
                   .before = before,
                   .after = after,
                   .frame = table};
    });
  }

  // --- fork.cpp
  // A second tree with the same contents: copied down to the mode's level, shared below.
  Result<PageTable> fork(ForkMode mode);
  TreeTally tally() const;

  // --- unmap.cpp
  Result<> unmap(VirtRange range);
  // Every page in the range gets `prot`; W is never set, MAY_WRITE is (rule 11).
  Result<> protect(VirtRange range, Prot prot);
  // The pages of `from` stand at `to` and on, where nothing stood; page-aligned.
  Result<> move(VirtRange from, VirtAddr to);

 private:
  PageTable(Memory& memory, Ppn root, Reserve reserve) : memory_(&memory), root_(root), reserve_(reserve) {}

  Ppn new_table(int level);
  Ppn own_below(Ppn table, int level, unsigned index);
  int lowest(VirtAddr va, VirtRange whole) const;
  template <class F>
  Result<> for_each_table(VirtRange range, F f);
  Result<> own_tables(VirtRange range);
  Ppn copy(Ppn node, int level, int stop);
  bool copy_entries(Ppn twin, Ppn node, int level, int stop);
  void seal(Ppn table, int level);
  void tally_below(Ppn node, int level, TreeTally& tally) const;

  Memory* memory_;
  Ppn root_;
  Reserve reserve_;
};

inline Pte PageTable::leaf(VirtAddr va) const {
  Pte entry = Pte::table(root_);
#pragma GCC unroll 3
  for (int level = root_level; level >= 0; --level) {
    entry = Table::at(entry.frame()).get(va.index(level));
    if (entry.empty()) break;
  }
  return entry;
}

inline Ppn PageTable::find_owned(VirtAddr va) const {
  const Frame* const records = memory_->frames.by_number();
  Ppn table = root_;
#pragma GCC unroll 2
  for (int level = root_level; level > 0; --level) {
    const Pte entry = Table::at(table).get(va.index(level));
    if (entry.empty() || !records[entry.frame().value()].sole()) return {};
    table = entry.frame();
  }
  return table;
}

// What is marked here is marked in the tables above.
inline bool PageTable::marked(Ppn table, VirtAddr va, bool writable) const {
  const Frame& record = memory_->frames.record(table);
  return ((writable ? record.hot : record.used) & group_bit(va.index(0))) != 0;
}

[[gnu::always_inline]] inline void PageTable::install(Ppn table, VirtAddr va, Pte leaf) {
  Table::at(table).set(va.index(0), leaf);
  if (!marked(table, va, leaf.writable())) mark(va, leaf.writable());
  if (leaf.executable()) fence_i();
}

}  // namespace ox
