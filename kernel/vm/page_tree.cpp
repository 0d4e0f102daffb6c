// The tree of page tables: walking it, owning a path in it, dropping it.
//
// Performance: a process that exits drops all its pages. drop_leaves() collects those of a table that nobody else has,
// and gives them back to the free list together. That saves 40 instructions for each.
#include "vm/page_tree.h"

namespace ox {

namespace {

void drop_leaves(Memory& memory, Ppn node) {
  Frames& frames = memory.frames;
  PageTable& table = PageTable::at(node);
  Frames::Chain freed;
  for_each_entry(table, frames.record(node).used_groups, [&](std::size_t index, Pte leaf) {
    table.set(index, Pte());
    if (frames.drop(leaf.frame())) frames.link(freed, leaf.frame(), Content::any);
  });
  Counters::add(memory.trace.here().pages_freed, freed.count);
  frames.free(freed, Content::any);
}

void drop_tables_below(Memory& memory, Ppn node, int level) {
  PageTable& table = PageTable::at(node);
  for_each_entry(table, memory.frames.record(node).used_groups, [&](std::size_t index, Pte entry) {
    drop_tree(memory, entry.frame(), level - 1);
    table.set(index, Pte());
  });
}

// Calls f(index, entry) for the kernel's half of every root.
template <class F>
void for_each_kernel_entry(Memory& memory, F f) {
  for_each_entry(PageTable::at(memory.kernel_root), memory.frames.record(memory.kernel_root).used_groups, f);
}

}  // namespace

void drop_tree(Memory& memory, Ppn node, int level) {
  if (level == page_level) return drop_page(memory, node);
  if (!memory.frames.drop(node)) return;
  if (level == 0) {
    drop_leaves(memory, node);
  } else {
    drop_tables_below(memory, node, level);
  }
  // The kernel's half of a root is not counted, only cleared: a table is all zero when it is freed (rule 12).
  if (level == root_level) {
    for_each_kernel_entry(memory, [&](std::size_t index, Pte) { PageTable::at(node).set(index, Pte()); });
  }
  Counters::add(memory.trace.here().tables_freed);
  memory.frames.free(node, Content::zero);
  interrupt_window();
}

void print_tree(const Memory& memory, Ppn node, int level, VirtAddr start, TextSink& to) {
  for_each_entry(PageTable::at(node), memory.frames.record(node).used_groups, [&](std::size_t index, Pte entry) {
    const VirtAddr va = start + index * entry_span(level);
    const std::uint32_t count = memory.frames.record(entry.frame()).count.load(relaxed);
    format(to, "level {} {:010x} [{}]: frame {:x} count {}{}\n", level, va, index, entry.frame(), count,
           entry.is_writable() ? " W" : "");
    if (level > 0) print_tree(memory, entry.frame(), level - 1, va, to);
  });
}

PageTree::PageTree(PageTree&& other) noexcept : memory_(other.memory_), root_(std::exchange(other.root_, Ppn())) {}

PageTree::~PageTree() {
  if (root_ == Ppn()) return;
  memory_->trace.event({.kind = Event::Kind::drop, .level = root_level, .frame = root_});
  drop_tree(*memory_, root_, root_level);
}

Result<PageTree> PageTree::create(Memory& memory) {
  PageTree tree(memory, Ppn());
  tree.root_ = TRY(Frames::or_enomem(tree.new_table(root_level)));
  return tree;
}

// An empty table; a root has the kernel's half.
Ppn PageTree::new_table(int level) {
  const Ppn table = memory_->frames.take(FrameKind::table, Content::zero);
  ++tables_made_;
  if (level == root_level && table != Ppn()) {
    for_each_kernel_entry(*memory_, [&](std::size_t index, Pte entry) { PageTable::at(table).set(index, entry); });
  }
  return table;
}

Pte PageTree::walk(VirtAddr va) const {
  Ppn table = root_;
  for (int level = root_level; level > 0; --level) {
    const Pte entry = PageTable::at(table).get(va.index(level));
    if (entry.is_empty()) return {};
    table = entry.frame();
  }
  return PageTable::at(table).get(va.index(0));
}

// A count means something only below owned tables (rule 2), so this goes down from the root.
Ppn PageTree::find_owned(VirtAddr va) const {
  Ppn table = root_;
  for (int level = root_level; level > 0; --level) {
    const Pte entry = PageTable::at(table).get(va.index(level));
    if (entry.is_empty() || memory_->frames.is_shared(entry.frame())) return {};
    table = entry.frame();
  }
  return table;
}

Ppn PageTree::copy_frame(Ppn from) {
  if (from == memory_->zero.ppn()) return memory_->frames.take(FrameKind::page, Content::zero);
  const Ppn to = memory_->frames.take(FrameKind::page, Content::any);
  if (to != Ppn()) copy_page(to_pointer(to), to_pointer(from));
  return to;
}

// A count means something only below owned tables (rule 2), so this goes down from the root.
Ppn PageTree::own(VirtAddr va, int lowest) {
  Ppn table = root_;
  for (int level = root_level; level > lowest && table != Ppn(); --level) {
    const Pte entry = PageTable::at(table).get(va.index(level));
    // Rule 4: the last owner copies nothing.
    const bool owned = !entry.is_empty() && !memory_->frames.is_shared(entry.frame());
    table = owned ? entry.frame() : replace_table(table, level, va.index(level));
  }
  return table;
}

// Puts a new table behind entry `index` of the owned table `table`: a copy of the shared one, or an empty one where
// there is none. Returns it.
Ppn PageTree::replace_table(Ppn table, int level, unsigned index) {
  const Pte old = PageTable::at(table).get(index);
  const Ppn below = old.is_empty() ? new_table(level - 1) : copy(old.frame(), level - 1, level - 1);
  if (below == Ppn()) return {};
  if (old.is_empty()) memory_->trace.event({.kind = Event::Kind::table, .level = level - 1, .frame = below});
  set_entry(table, level, index, Pte::next_level(below));
  memory_->frames.record(table).used_groups |= group_bit(index);
  sfence_vma_all();
  if (!old.is_empty()) drop_tree(*memory_, old.frame(), level - 1);  // only after the fence (rule 6)
  return below;
}

// Makes rule 5 true for a leaf at `va`, whose path is owned: its groups are marked in its table and all tables above.
void PageTree::mark_path(VirtAddr va, bool writable) {
  Ppn table = root_;
  for (int level = root_level; level >= 0; --level) {
    Frame& record = memory_->frames.record(table);
    const std::uint32_t group = group_bit(va.index(level));
    record.used_groups |= group;
    if (writable) record.writable_groups |= group;
    table = PageTable::at(table).get(va.index(level)).frame();
  }
}

}  // namespace ox
