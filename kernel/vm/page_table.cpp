#include "vm/page_table.h"

#include "arch/hart.h"
#include "vm/tree.h"

namespace ox {

Fence::~Fence() {
  if (all_) sfence_vma_all();
  for (unsigned i = 0; i < count_; ++i) drop_tree(memory_, dropped_[i].node, dropped_[i].level);
}

namespace {

// The tight loop of drop_tree(): the pages that a table named last go back together (40 instructions less for each).
void drop_pages(Memory& memory, Ppn node) {
  Frames& frames = memory.frames;
  Table& table = Table::at(node);
  Frames::Chain freed;
  for_each_entry(table, frames.record(node).used, [&](std::size_t index, Pte entry) {
    table.set(index, Pte());
    if (frames.drop(entry.frame())) frames.link(freed, entry.frame(), Content::any);
  });
  Counters::add(memory.here().pages_freed, freed.count);
  frames.free(freed, Content::any);
}

}  // namespace

void drop_tree(Memory& memory, Ppn node, int level) {
  if (level < 0) return drop_page(memory, node);
  Frames& frames = memory.frames;
  if (!frames.drop(node)) return;
  Table& table = Table::at(node);
  if (level == 0) {
    drop_pages(memory, node);
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

PageTable& PageTable::operator=(PageTable&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(root_, other.root_);
  std::swap(reserve_, other.reserve_);
  return *this;
}

PageTable::~PageTable() {
  if (root_ == Ppn()) return;
  memory_->tell([&] { return Event{.kind = Event::Kind::drop, .level = root_level, .frame = root_}; });
  drop_tree(*memory_, root_, root_level);
}

Result<PageTable> PageTable::create(Memory& memory, Reserve reserve) {
  PageTable table(memory, Ppn(), reserve);
  table.root_ = TRY(table.new_table(root_level));
  return table;
}

// An empty table; a root has the kernel's half.
Result<Ppn> PageTable::new_table(int level) {
  Frames& frames = memory_->frames;
  const Ppn frame = TRY(frames.alloc(FrameKind::table, Content::zero, reserve_));
  if (level == root_level) {
    Table& root = Table::at(frame);
    const Table& kernel = Table::at(memory_->kernel_root);
    for_each_entry(kernel, frames.record(memory_->kernel_root).used,
                   [&](std::size_t index, Pte entry) { root.set(index, entry); });
  }
  return frame;
}

Path PageTable::walk(VirtAddr va) const {
  Frames& frames = memory_->frames;
  Path path;
  path.table[root_level] = root_;
  for (int level = root_level; level > 0; --level) {
    const Pte entry = Table::at(path.table[level]).get(va.index(level));
    if (entry.empty()) return path;
    // Counts mean something only below owned tables (rule 2).
    if (path.owned == level && frames.sole(entry.frame())) path.owned = level - 1;
    path.lowest = level - 1;
    path.table[level - 1] = entry.frame();
  }
  path.leaf = Table::at(path.table[0]).get(va.index(0));
  return path;
}

// Makes the table behind entry `index` of an owned table of `level` owned too, and gives it.
Result<Ppn> PageTable::own_below(Ppn table, int level, unsigned index, Fence& fence) {
  Frames& frames = memory_->frames;
  const Pte old = Table::at(table).get(index);
  if (!old.empty() && frames.sole(old.frame())) return old.frame();  // the last owner copies nothing (rule 4)
  const Ppn below = old.empty() ? TRY(new_table(level - 1)) : TRY(copy(old.frame(), level - 1, level - 1));
  if (!old.empty()) fence.drop_after(old.frame(), level - 1);
  if (old.empty()) memory_->tell([=] { return Event{.kind = Event::Kind::table, .level = level - 1, .frame = below}; });
  tell_entry(table, level, index, old, Pte::table(below));
  Table::at(table).set(index, Pte::table(below));
  frames.record(table).used |= group_bit(index);
  fence.all();
  return below;
}

Ppn PageTable::own(VirtAddr va) {
  const Path path = walk(va);
  Ppn table = path.table[path.owned];
  Fence fence(*memory_);
  for (int level = path.owned; level > 0; --level) {
    const Result<Ppn> below = own_below(table, level, va.index(level), fence);
    if (!below) return {};
    table = *below;
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
