// One process's tree of page tables: the root (level 2), level-1 and level-0 tables, and pages (page_level).
//
// Owns: one reference to its root. Below the root, entries are references (rule 1), and any table or page may be shared
// with other trees.
// Invariants: rules 1 to 6 (README.md). A table is *owned* if it and every table above it have count 1.
// Locks: none (rule 8). Only the hart that runs the process calls anything here.
// Fails: only for want of memory, with Errno::enomem or, in a function that returns a Ppn, with Ppn(). Then every tree
// is valid, nothing is lost and nobody can see a difference.
#pragma once

#include <source_location>

#include "vm/memory.h"

namespace ox {

// Drops one reference to `node`, a table of `level` or a page; the last reference takes along what is below.
void drop_tree(Memory& memory, Ppn node, int level);
inline void drop_page(Memory& memory, Ppn page) {
  if (!memory.frames.drop(page)) return;
  Counters::add(memory.trace.here().pages_freed);
  memory.frames.free(page, Content::any);
}

// Prints the tree below `node`, a table of `level` whose first entry is for `start`: a line for each entry in use, and
// behind that of a table those of what is below it. The kernel's half of a root is left out.
void print_tree(const Memory& memory, Ppn node, int level, VirtAddr start, TextSink& to);

class PageTree {
 public:
  using Where = std::source_location;  // the caller, for events

  static Result<PageTree> create(Memory& memory);
  PageTree(PageTree&& other) noexcept;
  ~PageTree();

  Ppn root() const { return root_; }
  // So many tables it has made so far, for itself and for forks of it.
  std::uint64_t tables_made() const { return tables_made_; }

  // --- page_tree.cpp
  // The leaf entry for `va`; empty where there is none (xv6: walk).
  Pte walk(VirtAddr va) const;
  // The level-0 table that `va` is in, if the whole path is owned; else none. For those who look (/proc, events): a
  // fault calls own().
  Ppn find_owned(VirtAddr va) const;
  // The table of level `lowest` that `va` is in, after making the path to it owned: absent tables are made, shared ones
  // are copied. None: no memory.
  Ppn own(VirtAddr va, int lowest = 0);
  // Writes the leaf entry for `va` into `table`, its level-0 table, which is owned. The entry takes over the caller's
  // reference to its frame; the caller has the reference of what was there before.
  void set_leaf(Ppn table, VirtAddr va, Pte leaf, Where where = Where::current());
  // Writes an entry of an owned table, and reports it.
  void set_entry(Ppn table, int level, std::size_t index, Pte entry, Where where = Where::current());
  // A copy of a page, with count 1 and in no table yet. None: no memory. A copy of the zero frame costs no reading.
  Ppn copy_frame(Ppn from);

  // --- fork.cpp
  // A second tree with the same contents: copied down to the mode's level, shared below it.
  Result<PageTree> fork(ForkMode mode);

  // --- unmap.cpp; ranges are page-aligned
  Result<> unmap(VirtRange range);
  // Every page in the range gets `prot`. A page that may be written gets MAY_WRITE, never W (rule 3).
  Result<> protect(VirtRange range, Prot prot);
  // Moves the pages of `from` to `to` and on, where nothing is mapped.
  Result<> move(VirtRange from, VirtAddr to);

 private:
  PageTree(Memory& memory, Ppn root) : memory_(&memory), root_(root) {}

  Ppn new_table(int level);
  Ppn replace_table(Ppn table, int level, unsigned index);
  void mark_path(VirtAddr va, bool writable);
  void seal(Ppn node, int level);
  Ppn copy(Ppn from, int level, int stop);
  Ppn copy_table(Ppn from, int level, int stop);
  int lowest_level(VirtAddr va, VirtRange whole) const;
  template <class F>
  Result<> for_each_table(VirtRange range, F f);
  Result<> own_tables(VirtRange range);

  Memory* memory_;
  Ppn root_;
  std::uint64_t tables_made_ = 0;
};

inline void PageTree::set_entry(Ppn table, int level, std::size_t index, Pte entry, Where where) {
  memory_->trace.entry(table, level, index, PageTable::at(table).get(index), entry, where);
  PageTable::at(table).set(index, entry);
}

inline void PageTree::set_leaf(Ppn table, VirtAddr va, Pte leaf, Where where) {
  set_entry(table, 0, va.index(0), leaf, where);
  const Frame& record = memory_->frames.record(table);
  const std::uint32_t marked = leaf.is_writable() ? record.writable_groups : record.used_groups;
  if ((marked & group_bit(va.index(0))) == 0) mark_path(va, leaf.is_writable());
  if (leaf.is_executable()) memory_->code.count();
}

}  // namespace ox
