// munmap, mprotect, mremap: taking pages or permissions away from a process (rule 11).
//
// unmap() removes an entry that lies wholly in the range as one, whatever is below it: a shared subtree loses one
// reference. It looks only into the tables at the two edges of the range, and owns them before anything else happens.
// protect() and move() change leaves, so they own every level-0 table in the range first.
#include <algorithm>

#include "vm/page_tree.h"

namespace ox {

namespace {

// The addresses that the entry for `va` in a table of `level` covers.
VirtRange covered(VirtAddr va, int level) {
  const VirtAddr start(va.value() & ~(entry_span(level) - 1));
  return {start, start + entry_span(level)};
}

// Calls f(table, level, index, entry) for the highest entries that lie wholly in `range`, at level `top` or below, in
// the tree at `node`, whose first entry is for `base`. f returns true if it has emptied the entry. A group whose
// entries are all empty then leaves the record, so that the next fork does not look at it.
template <class F>
void for_each_in(Memory& memory, Ppn node, int level, VirtAddr base, VirtRange range, int top, const F& f) {
  Frame& record = memory.frames.record(node);
  const PageTable& table = PageTable::at(node);
  const VirtRange part = range.common({base, base + entry_span(level + 1)});
  const std::size_t first = part.start.index(level), last = (part.end - 1).index(level);
  std::uint32_t emptied = 0;
  for (std::size_t index = first; index <= last; ++index) {
    const Pte entry = table.get(index);
    if (entry.is_empty()) continue;
    const VirtRange here = covered(base + index * entry_span(level), level);
    const bool whole = level <= top && range.covers(here);
    if (!whole) for_each_in(memory, entry.frame(), level - 1, here.start, range, top, f);
    if (whole && f(node, level, index, entry)) emptied |= group_bit(index);
  }
  interrupt_window();
  for_each_entry(table, emptied, [&](std::size_t index, Pte) { emptied &= ~group_bit(index); });  // it is still in use
  if (emptied != 0) {  // else the table may be shared, and nobody may write its record (rule 2)
    record.used_groups &= ~emptied;
    record.writable_groups &= ~emptied;
  }
}

}  // namespace

// How far down unmapping must look for `va`: to the level at which its entry lies wholly in `whole`, or to the last
// table that exists.
int PageTree::lowest_level(VirtAddr va, VirtRange whole) const {
  Ppn table = root_;
  int level = root_level;
  for (; level > 0 && !whole.covers(covered(va, level)); --level) {
    const Pte entry = PageTable::at(table).get(va.index(level));
    if (entry.is_empty()) break;
    table = entry.frame();
  }
  return level;
}

// Owns the tables at the edges, which `range` covers only in part. Then detaches each entry (V=0), fences, and only
// then drops what the entries named.
Result<> PageTree::unmap(VirtRange range) {
  for (const VirtAddr edge : {range.start, range.end - 1}) {
    if (own(edge, lowest_level(edge, range)) == Ppn()) return Errno::enomem;
  }
  const auto for_each = [&](const auto& f) {
    for_each_in(*memory_, root_, root_level, VirtAddr(), range, root_level, f);
  };
  for_each([&](Ppn table, int level, std::size_t index, Pte entry) {
    set_entry(table, level, index, entry.without(Pte::V));
    return false;
  });
  sfence_vma_all();
  for_each([&](Ppn table, int level, std::size_t index, Pte entry) {
    set_entry(table, level, index, Pte());
    drop_tree(*memory_, entry.frame(), level - 1);
    return true;
  });
  return {};
}

// Calls f(part) for each level-0 table that exists in the range, with the part of the range that it covers.
template <class F>
Result<> PageTree::for_each_table(VirtRange range, F f) {
  while (!range.empty()) {
    const int level = lowest_level(range.start, {});
    const VirtRange part = range.common(covered(range.start, std::max(level, 1)));
    if (level == 0) TRY(f(part));
    range.start = part.end;
    interrupt_window();
  }
  return {};
}

// Owns every level-0 table in the range before any leaf is changed.
Result<> PageTree::own_tables(VirtRange range) {
  return for_each_table(range, [&](VirtRange part) { return own(part.start) != Ppn() ? Result<>() : Errno::enomem; });
}

Result<> PageTree::protect(VirtRange range, Prot prot) {
  TRY(own_tables(range));
  for_each_in(*memory_, root_, root_level, VirtAddr(), range, 0, [&](Ppn table, int, std::size_t index, Pte entry) {
    const Pte changed = Pte::user_leaf(entry.frame(), prot).with(entry.bits() & Pte::MAP_SHARED);
    set_entry(table, 0, index, changed);
    return false;
  });
  sfence_vma_all();  // the hart forgets the old permissions
  if (prot.execute) {
    memory_->code.count();
    memory_->code.fence();
  }
  return {};
}

// Owns the path to every new place first, so that the rest cannot fail. References move with the entries.
Result<> PageTree::move(VirtRange from, VirtAddr to) {
  TRY(own_tables(from));
  const auto for_each_page = [&](auto f) {
    return for_each_table(from, [&](VirtRange part) -> Result<> {
      for (VirtAddr va = part.start; va < part.end; va = va + page_size) {
        const Pte leaf = walk(va);
        if (!leaf.is_empty() && !f(va, to + (va - from.start), leaf)) return Errno::enomem;
      }
      return {};
    });
  };
  TRY(for_each_page([&](VirtAddr, VirtAddr there, Pte) { return own(there) != Ppn(); }));
  TRY(for_each_page([&](VirtAddr here, VirtAddr there, Pte leaf) {
    set_entry(own(here), 0, here.index(0), Pte());
    set_leaf(own(there), there, leaf);
    return true;
  }));
  sfence_vma_all();  // the hart forgets the old place
  return {};
}

}  // namespace ox
