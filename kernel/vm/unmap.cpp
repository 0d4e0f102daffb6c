// Taking pages away from a process, or their permissions (rule 11).
//
// A subtree that goes as a whole goes by one entry: the root of a shared subtree loses one reference, whatever is
// below. Only the tables at the two edges of the range are looked into, and made owned before anything else happens.
#include <algorithm>

#include "vm/page_table.h"
#include "vm/tree.h"

namespace ox {

namespace {

// What entry `index` of a table of `level` that covers addresses from `base` on covers.
VirtRange covered(VirtAddr base, int level, std::size_t index) {
  const VirtAddr start = base + index * entry_span(level);
  return {start, start + entry_span(level)};
}

bool inside(VirtRange inner, VirtRange outer) { return outer.start <= inner.start && inner.end <= outer.end; }

// The groups of that table whose entries all lie in `range`, which overlaps it.
std::uint32_t groups_inside(VirtAddr base, int level, VirtRange range) {
  const std::uint64_t span = group_entries * entry_span(level);
  const std::uint64_t start = range.start <= base ? 0 : (range.start - base + span - 1) / span;
  const std::uint64_t end = std::min<std::uint64_t>((range.end - base) / span, table_entries / group_entries);
  return start >= end ? 0 : static_cast<std::uint32_t>((std::uint64_t{1} << end) - (std::uint64_t{1} << start));
}

}  // namespace

// Owns the tables on the path to `va` that `range` covers only in part.
Result<> PageTable::own_edge(VirtAddr va, VirtRange range, Fence& fence) {
  Ppn table = root_;
  VirtAddr base;
  for (int level = root_level; level > 0; --level) {
    const unsigned index = va.index(level);
    const VirtRange here = covered(base, level, index);
    if (inside(here, range) || Table::at(table).get(index).empty()) return {};
    table = TRY(own_below(table, level, index, fence));
    base = here.start;
  }
  return {};
}

Result<> PageTable::unmap(VirtRange range) {
  for (const VirtAddr edge : {range.start, range.end - 1}) {
    Fence fence(*memory_);
    TRY(own_edge(edge, range, fence));
  }
  detach(root_, root_level, VirtAddr(), range);
  sfence_vma_all();
  release(root_, root_level, VirtAddr(), range);
  return {};
}

// The highest entries wholly inside `range`, below `node` at `base`, allow nothing any more.
void PageTable::detach(Ppn node, int level, VirtAddr base, VirtRange range) {
  for_each_entry(Table::at(node), memory_->frames.record(node).used, [&](std::size_t index, Pte entry) {
    const VirtRange here = covered(base, level, index);
    if (!here.overlaps(range)) return;
    if (!inside(here, range)) return detach(entry.frame(), level - 1, here.start, range);
    tell_entry(node, level, index, entry, Pte());
    Table::at(node).set(index, entry.without(Pte::V));
  });
}

// They go, and what they named. Groups that are empty now are not looked at by the next fork.
void PageTable::release(Ppn node, int level, VirtAddr base, VirtRange range) {
  Frame& record = memory_->frames.record(node);
  for_each_entry(Table::at(node), record.used, [&](std::size_t index, Pte entry) {
    const VirtRange here = covered(base, level, index);
    if (!here.overlaps(range)) return;
    if (!inside(here, range)) return release(entry.frame(), level - 1, here.start, range);
    Table::at(node).set(index, Pte());
    drop_tree(*memory_, entry.frame(), level - 1);
  });
  record.used &= ~groups_inside(base, level, range);
  record.hot &= record.used;
}

// Owns every level-0 table in the range before any leaf is changed.
Result<> PageTable::own_tables(VirtRange range) {
  VirtAddr va = range.start;
  while (va < range.end) {
    const int lowest = walk(va).lowest;
    const std::uint64_t span = entry_span(lowest == 0 ? 1 : lowest);
    if (lowest == 0 && own(va) == Ppn()) return Errno::enomem;
    va = VirtAddr((va.value() & ~(span - 1)) + span);
  }
  return {};
}

Result<> PageTable::protect(VirtRange range, Prot prot) {
  TRY(own_tables(range));
  protect_below(root_, root_level, VirtAddr(), range, prot);
  sfence_vma_all();
  if (prot.execute) fence_i();
  return {};
}

// Makes the way for every page first; the rest cannot fail. References move with the entries.
Result<> PageTable::move(VirtRange from, VirtAddr to) {
  TRY(own_tables(from));
  const auto for_each_page = [&](auto f) -> Result<> {
    for (VirtAddr va = from.start; va < from.end; va = va + page_size) {
      const Pte leaf = this->leaf(va);
      if (!leaf.empty() && !f(va, to + (va - from.start), leaf)) return Errno::enomem;
    }
    return {};
  };
  TRY(for_each_page([&](VirtAddr, VirtAddr there, Pte) { return own(there) != Ppn(); }));
  TRY(for_each_page([&](VirtAddr here, VirtAddr there, Pte leaf) {
    const Ppn from_table = find_owned(here);
    const Ppn to_table = find_owned(there);
    tell_entry(from_table, 0, here.index(0), leaf, Pte());
    tell_entry(to_table, 0, there.index(0), Pte(), leaf);
    Table::at(from_table).set(here.index(0), Pte());
    install(to_table, there, leaf);
    return true;
  }));
  sfence_vma_all();
  return {};
}

void PageTable::protect_below(Ppn node, int level, VirtAddr base, VirtRange range, Prot prot) {
  Table& table = Table::at(node);
  for_each_entry(table, memory_->frames.record(node).used, [&](std::size_t index, Pte entry) {
    const VirtRange here = covered(base, level, index);
    if (!here.overlaps(range)) return;
    if (level > 0) return protect_below(entry.frame(), level - 1, here.start, range, prot);
    const Pte changed = Pte::user_leaf(entry.frame(), prot).with(entry.bits() & Pte::SHARED);
    tell_entry(node, 0, index, entry, changed);
    table.set(index, changed);
  });
}

}  // namespace ox
