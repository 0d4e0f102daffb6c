// Taking pages away from a process, or their permissions (rule 11).
//
// A subtree that goes as a whole goes by one entry: the root of a shared subtree loses one reference, whatever is
// below. Only the tables at the two edges of the range are looked into, and made owned before anything else happens.
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

// Calls f(node, index, entry, level) for the highest entries wholly inside `range`, below `node` at `base`.
template <class F>
void for_each_whole(Memory& memory, Ppn node, int level, VirtAddr base, VirtRange range, F f) {
  for_each_entry(Table::at(node), memory.frames.record(node).used, [&](std::size_t index, Pte entry) {
    const VirtRange here = covered(base, level, index);
    if (!here.overlaps(range)) return;
    if (inside(here, range)) {
      f(node, index, entry, level);
    } else {
      for_each_whole(memory, entry.frame(), level - 1, here.start, range, f);
    }
  });
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
  for_each_whole(*memory_, root_, root_level, VirtAddr(), range,
                 [this](Ppn table, std::size_t index, Pte entry, int level) {
                   tell_entry(table, level, index, entry, Pte());
                   Table::at(table).set(index, entry.without(Pte::V));
                 });
  sfence_vma_all();
  for_each_whole(*memory_, root_, root_level, VirtAddr(), range,
                 [this](Ppn table, std::size_t index, Pte entry, int level) {
                   Table::at(table).set(index, Pte());
                   drop_tree(*memory_, entry.frame(), level - 1);
                 });
  return {};
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
