// fork: one more reference to the tree, copied down to a level and shared below it (README.md, "The one idea").
//
// A fork that copies page tables is Linux's and xv6's COW lab's. Sharing the tables too is On-demand-fork (Zhao, Gong,
// Fonseca, EuroSys 2021), which shares the last level; ox shares from the root down. Sv39 has no permission bits in
// non-leaf entries, so the leaves of a table lose W in place before the table is shared: seal().
//
// Performance: two loops are most of what a fork of a large process costs, so both are unrolled: write_protect_group(),
// when it is forked for the first time, and share_entries(), when its page tables are copied.
#include "vm/page_tree.h"

namespace ox {

namespace {

void write_protect_group(PageTable& table, std::size_t first) {
#pragma GCC unroll 16
  for (std::size_t i = 0; i < group_entries; ++i) table.set(first + i, table.get(first + i).without(Pte::W));
}

// Every entry of `to` becomes one more reference to what the entry of `from` names.
void share_entries(Frames& frames, Ppn from, Ppn to) {
  for_each_group(frames.record(from).used_groups, [&](std::size_t first) {
#pragma GCC unroll 4
    for (std::size_t i = first; i < first + group_entries; ++i) {
      const Pte entry = PageTable::at(from).get(i);
      if (entry.is_empty()) continue;
      frames.share(entry.frame());
      PageTable::at(to).set(i, entry);
    }
  });
}

}  // namespace

// Clears W in every leaf below `node`. It visits only what became writable since the last time: a shared table was
// sealed before it was shared, so it has no writable group, and nothing below it is looked at or written.
void PageTree::seal(Ppn node, int level) {
  Frame& record = memory_->frames.record(node);
  PageTable& table = PageTable::at(node);
  if (level > 0) {
    for_each_entry(table, record.writable_groups, [&](std::size_t, Pte entry) {
      if (memory_->frames.record(entry.frame()).writable_groups != 0) seal(entry.frame(), level - 1);
    });
  } else {
    for_each_group(record.writable_groups, [&](std::size_t first) { write_protect_group(table, first); });
    interrupt_window();
    memory_->trace.sealed(node);
  }
  record.writable_groups = 0;
}

// One more reference to the tree at `from`, a table of `level` or a page: copied down to level `stop`, shared below. A
// mode's number is its stop. The zero frame is always shared. None: no memory, and nothing is kept. Never writes
// `from`, which others may share.
Ppn PageTree::copy(Ppn from, int level, int stop) {
  if (level < stop || from == memory_->zero.ppn()) {
    memory_->frames.share(from);
    return from;
  }
  const Ppn to = level == page_level ? copy_frame(from) : copy_table(from, level, stop);
  if (to != Ppn()) memory_->trace.copied(from, to, level, stop);
  return to;
}

Ppn PageTree::copy_table(Ppn from, int level, int stop) {
  Frames& frames = memory_->frames;
  const Ppn to = new_table(level);
  if (to == Ppn()) return {};
  const std::uint32_t groups = frames.record(from).used_groups;
  frames.record(to).used_groups = groups;
  frames.record(to).writable_groups = frames.record(from).writable_groups;  // not 0 in eager only, where nobody seals
  bool done = true;
  if (level == stop) {
    share_entries(frames, from, to);
  } else {
    for_each_entry(PageTable::at(from), groups, [&](std::size_t index, Pte entry) {
      const int its_stop = entry.is_map_shared() ? level : stop;  // a MAP_SHARED page is shared in every mode
      const Ppn below = done ? copy(entry.frame(), level - 1, its_stop) : Ppn();
      done = below != Ppn();
      if (done) PageTable::at(to).set(index, entry.with_frame(below));
      interrupt_window();
    });
  }
  if (done) return to;
  memory_->trace.copy_failed(from, groups, to, level);
  drop_tree(*memory_, to, level);
  return {};
}

Result<PageTree> PageTree::fork(ForkMode mode) {
  if (mode != ForkMode::eager) {  // the parent loses W before anything is shared, and keeps it lost if the copy fails
    seal(root_, root_level);
    sfence_vma_all();  // rule 6
  }
  return PageTree(*memory_, TRY(Frames::or_enomem(copy(root_, root_level, static_cast<int>(mode)))));
}

}  // namespace ox
