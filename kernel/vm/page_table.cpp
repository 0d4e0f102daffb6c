#include "vm/page_table.h"

#include "arch/hart.h"

namespace ox {

void drop_tree(Memory& memory, Ppn node, int level) {
  if (level < 0) return drop_page(memory, node);
  Frames& frames = memory.frames;
  if (!frames.drop(node)) return;
  Table& table = Table::at(node);
  if (level == 0) {
    // The tight loop: the pages that a table named last go back together (40 instructions less for each).
    Frames::Chain freed;
    for_each_entry(table, frames.record(node).used, [&](std::size_t index, Pte entry) {
      table.set(index, Pte());
      if (frames.drop(entry.frame())) frames.link(freed, entry.frame(), Content::any);
    });
    Counters::add(memory.here().pages_freed, freed.count);
    frames.free(freed, Content::any);
  } else {
    for_each_entry(table, frames.record(node).used, [&](std::size_t index, Pte entry) {
      drop_tree(memory, entry.frame(), level - 1);
      table.set(index, Pte());
    });
  }
  // The kernel's half of a root is not counted, only cleared (rule 1): tables go back all zero.
  if (level == root_level) {
    for_each_entry(table, frames.record(memory.kernel_root).used,
                   [&](std::size_t index, Pte) { table.set(index, Pte()); });
  }
  Counters::add(memory.here().tables_freed);
  frames.free(node, Content::zero);
  interrupt_window();
}

PageTable::PageTable(PageTable&& other) noexcept
    : memory_(other.memory_), root_(std::exchange(other.root_, Ppn())), reserve_(other.reserve_) {}

PageTable::~PageTable() {
  if (root_ == Ppn()) return;
  memory_->tell([&] { return Event{.kind = Event::Kind::drop, .level = root_level, .frame = root_}; });
  drop_tree(*memory_, root_, root_level);
}

Result<PageTable> PageTable::create(Memory& memory, Reserve reserve) {
  PageTable table(memory, Ppn(), reserve);
  table.root_ = TRY(Frames::or_enomem(table.new_table(root_level)));
  return table;
}

// An empty table; a root has the kernel's half.
Ppn PageTable::new_table(int level) {
  Frames& frames = memory_->frames;
  const Ppn frame = frames.take(FrameKind::table, Content::zero, reserve_);
  if (level == root_level && frame != Ppn()) {
    Table& root = Table::at(frame);
    const Table& kernel = Table::at(memory_->kernel_root);
    for_each_entry(kernel, frames.record(memory_->kernel_root).used,
                   [&](std::size_t index, Pte entry) { root.set(index, entry); });
  }
  return frame;
}

// Makes the table behind entry `index` of an owned table of `level` owned too, and gives it. What stood there is
// dropped only after the fence (rule 6).
Ppn PageTable::own_below(Ppn table, int level, unsigned index) {
  Frames& frames = memory_->frames;
  const Pte old = Table::at(table).get(index);
  if (!old.empty() && frames.sole(old.frame())) return old.frame();  // the last owner copies nothing (rule 4)
  const Ppn below = old.empty() ? new_table(level - 1) : copy(old.frame(), level - 1, level - 1);
  if (below == Ppn()) return below;
  if (old.empty()) memory_->tell([=] { return Event{.kind = Event::Kind::table, .level = level - 1, .frame = below}; });
  tell_entry(table, level, index, old, Pte::table(below));
  Table::at(table).set(index, Pte::table(below));
  frames.record(table).used |= group_bit(index);
  sfence_vma_all();
  if (!old.empty()) drop_tree(*memory_, old.frame(), level - 1);
  return below;
}

// Counts mean something only below owned tables (rule 2), so this goes down from the root.
Ppn PageTable::own(VirtAddr va, int lowest) {
  Ppn table = root_;
  for (int level = root_level; level > lowest && table != Ppn(); --level) {
    table = own_below(table, level, va.index(level));
  }
  return table;
}

// Rule 5, for an owned path.
void PageTable::mark(VirtAddr va, bool writable) {
  Ppn table = root_;
  for (int level = root_level; level >= 0; --level) {
    Frame& record = memory_->frames.record(table);
    const std::uint32_t group = group_bit(va.index(level));
    record.used |= group;
    if (writable) record.hot |= group;
    table = Table::at(table).get(va.index(level)).frame();
  }
}

}  // namespace ox
