// fork: one more reference to the tree, copied down to a level, shared below it (DESIGN, "the one idea").
//
// Copying page tables is what a copy-on-write fork costs; sharing them is On-demand-fork (Zhao, Gong, Fonseca, EuroSys
// 2021), who share the last level. Sv39 has no permission bits in non-leaf entries, so the leaves of a table are
// write-protected once, in place, before the table is shared: seal().
#include "vm/space.h"

namespace ox {

namespace {

// The tight loop of copy() at level == stop: each entry is one more reference to what it names.
void share_entries(Frames& frames, Ppn twin, Ppn node) {
  Frame* const records = frames.by_number();
  const Table& from = Table::at(node);
  Table& to = Table::at(twin);
  for_each_group(frames.record(node).used, [&](std::size_t first) {
#pragma GCC unroll 4  // 15 instructions an entry; rolled it is 17
    for (std::size_t i = 0; i < group_entries; ++i) {
      const Pte entry = from.get(first + i);
      if (entry.empty()) continue;
      frames.share(records, entry.frame());
      to.set(first + i, entry);
    }
  });
}

// Of a table that could not be copied to its end only the copies below it were told of.
void tell_copies_dropped(Memory& memory, Ppn node, Ppn twin, int level) {
  for_each_entry(Table::at(twin), memory.frames.record(twin).used, [&](std::size_t index, Pte entry) {
    if (entry.frame() == Table::at(node).get(index).frame()) return;
    memory.tell([&] { return Event{.kind = Event::Kind::drop, .level = level - 1, .frame = entry.frame()}; });
  });
}

}  // namespace

// One more reference to the tree at `node`, a table of `level` or a page (-1): copied down to level `stop`, shared
// below. None: no memory, and nothing is kept. Never writes `node`, which others may share.
Ppn PageTable::copy(Ppn node, int level, int stop) {
  if (level < stop || node == memory_->zero.ppn()) {
    memory_->frames.share(node);
    return node;
  }
  const Ppn twin = level < 0 ? copy_frame(node) : new_table(level);
  if (twin == Ppn() || (level >= 0 && !copy_entries(twin, node, level, stop))) return {};
  Counters& counters = memory_->here();
  Counters::add(level < 0 ? counters.pages_copied_by_forks : counters.tables_copied);
  memory_->tell(
      [=] { return Event{.kind = Event::Kind::copy, .level = level, .stop = stop, .frame = node, .twin = twin}; });
  return twin;
}

// False: no memory, and `twin` is gone.
bool PageTable::copy_entries(Ppn twin, Ppn node, int level, int stop) {
  Frames& frames = memory_->frames;
  Table& to = Table::at(twin);
  frames.record(twin).used = frames.record(node).used;
  frames.record(twin).hot = frames.record(node).hot;
  bool done = true;
  if (level == stop) {
    share_entries(frames, twin, node);
  } else {
    for_each_entry(Table::at(node), frames.record(node).used, [&](std::size_t index, Pte entry) {
      if (!done) return;
      const Ppn child = copy(entry.frame(), level - 1, entry.shared() ? root_level : stop);
      done = child != Ppn();
      if (done) to.set(index, entry.with_frame(child));
    });
  }
  interrupt_window();
  if (done) return true;
  tell_copies_dropped(*memory_, node, twin, level);
  drop_tree(*memory_, twin, level);
  return false;
}

// Clears W from every leaf below `node`, visiting only what was made writable since the last time: a shared table was
// sealed before it was shared, so its `hot` is 0 and nothing below it is looked at or written.
void PageTable::seal(Ppn node, int level) {
  Frame& record = memory_->frames.record(node);
  Table& table = Table::at(node);
  if (level > 0) {
    for_each_entry(table, record.hot, [&](std::size_t, Pte entry) {
      if (memory_->frames.record(entry.frame()).hot != 0) seal(entry.frame(), level - 1);
    });
  } else {
    for_each_group(record.hot, [&](std::size_t first) { table.write_protect(first); });
    memory_->tell([=] { return Event{.kind = Event::Kind::seal, .frame = node}; });
  }
  record.hot = 0;
}

Result<PageTable> PageTable::fork(ForkMode mode) {
  // The parent's W bits go before anything is shared, and the fence before it runs on, also if the copy fails (rule 6).
  if (mode != ForkMode::eager) seal(root_, root_level);
  sfence_vma_all();
  Counters& counters = memory_->here();
  const std::uint64_t tables = counters.tables_copied.load(relaxed);
  const Ppn root = copy(root_, root_level, static_cast<int>(mode));
  Counters::add(counters.tables_copied_by_forks, counters.tables_copied.load(relaxed) - tables);
  if (root == Ppn()) return Errno::enomem;
  return PageTable(*memory_, root, Reserve::kept);
}

Result<AddressSpace> AddressSpace::fork(ForkMode mode, int child_pid) {
  Counters::add(memory_->here().forks);
  if (memory_->sink != nullptr) [[unlikely]]
    memory_->sink->begin(Event::Kind::fork);
  AddressSpace child(*memory_, TRY(table_.fork(mode)), regions_.share(), child_pid);
  child.heap_start_ = heap_start_;
  child.heap_end_ = heap_end_;
  memory_->tell([&] {
    return Event{.kind = Event::Kind::fork,
                 .mode = mode,
                 .pid = pid_,
                 .child = child_pid,
                 .frame = child.table_.root(),
                 .tally = child.table_.tally()};
  });
  return child;
}

TreeTally PageTable::tally() const {
  TreeTally tally;
  tally_below(root_, root_level, tally);
  return tally;
}

void PageTable::tally_below(Ppn node, int level, TreeTally& tally) const {
  Frames& frames = memory_->frames;
  const bool own = frames.sole(node);
  ++(own ? tally.own : tally.shared)[static_cast<unsigned>(level + 1)];
  if (!own || level < 0) return;
  for_each_entry(Table::at(node), frames.record(node).used,
                 [&](std::size_t, Pte entry) { tally_below(entry.frame(), level - 1, tally); });
}

}  // namespace ox
