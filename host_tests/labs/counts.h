// For the graded tests of the lab "counts" (tools/labs/counts): the pool of frames, and trees that a test makes and
// drops.
//
// Every test demands that a frame comes back, or that a count says two: a kernel that never frees and never shares
// passes none.
#pragma once

#include <vector>

#include "labs/lab.h"

namespace ox {

class CountsLab : public lab::Test {
 protected:
  ~CountsLab() override {
    sim::current_hart = 0;
    sim::current_hart_may_use_reserve = false;
  }
  Memory& memory() { return machine.memory(); }
  Frames& frames() { return memory().frames; }
  Ppn take(Content content = Content::any) { return frames().take(FrameKind::page, content); }
  void give_back(Ppn frame) {
    if (frames().drop(frame)) frames().free(frame, Content::any);
  }
  std::uint32_t count(Ppn frame) { return frames().record(frame).count.load(relaxed); }

  void expect_count(Ppn frame, std::uint32_t expected, std::string_view what) {
    if (count(frame) == expected) return;
    lab::fail("{} has count {}", "it has count {}", what, expected, count(frame));
  }
  void expect_free(std::size_t expected, std::string_view when) {
    const std::size_t free = machine.free_frames();
    if (free != expected) lab::fail("{} frames are free {}", "{} are", expected, when, free);
  }
};

// The pool of free frames.
class CountsPool : public CountsLab {
 protected:
  // All that this hart can get.
  std::vector<Ppn> take_all() {
    std::vector<Ppn> all;
    for (Ppn frame = take(); frame != Ppn(); frame = take()) all.push_back(frame);
    return all;
  }
  void expect_taken(std::size_t expected, std::string_view who) {
    const std::size_t taken = take_all().size();
    if (taken != expected) lab::fail("{} can take {} frames now", "it can take {}", who, expected, taken);
  }
};

inline constexpr VirtAddr counted_base{0x10'0000};
inline constexpr VirtAddr next_table = counted_base + entry_span(1);

// A tree that a test makes entry by entry, and drops.
class CountsTree : public CountsLab {
 protected:
  CountsTree() : before(machine.free_frames()), tree(std::move(*PageTree::create(memory()))) {}

  Ppn put(VirtAddr va) {
    const Ppn page = frames().take(FrameKind::page, Content::zero);
    tree->set_leaf(tree->own(va), va, Pte::user_leaf(page, sim::rw));
    return page;
  }
  // The table that entry `index` of `table` names.
  static Ppn below(Ppn table, unsigned index) { return PageTable::at(table).get(index).frame(); }
  void drop() { tree.reset(); }

  const std::size_t before;  // frames that were free
  std::optional<PageTree> tree;
};

}  // namespace ox
