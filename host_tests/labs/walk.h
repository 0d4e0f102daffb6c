// For the graded tests of the lab "walk" (tools/labs/walk): a tree of page tables that the test makes entry by entry.
//
// The tests read tables as the specification has them: 512 words in a frame, and three indices in an address.
#pragma once

#include <string>

#include "labs/lab.h"

namespace ox {

// An address by its three indices.
constexpr VirtAddr at(std::uint64_t high, std::uint64_t middle, std::uint64_t low) {
  return VirtAddr(high << 30 | middle << 21 | low << 12);
}
inline constexpr VirtAddr way = at(3, 70, 500);

class TreeLab : public lab::Test {
 protected:
  TreeLab() : tree(std::move(*PageTree::create(machine.memory()))) {}

  Frames& frames() { return machine.memory().frames; }
  // Maps a new page at `va`; its entry.
  Pte put(VirtAddr va, Prot prot = sim::rw) {
    const Ppn page = frames().take(FrameKind::page, Content::zero);
    const Pte leaf = Pte::user_leaf(page, prot);
    tree.set_leaf(tree.own(va), va, leaf);
    return leaf;
  }
  static std::uint64_t word(Ppn table, std::uint64_t index) {
    return reinterpret_cast<const std::uint64_t*>(to_pointer(table))[index];
  }
  // The table that entry `index` of `table` names.
  static Ppn below(Ppn table, std::uint64_t index) { return Ppn(word(table, index) >> 10); }

  PageTree tree;
};

class WalkLab : public TreeLab {
 protected:
  void expect_leaf(VirtAddr va, Pte leaf) {
    const Pte seen = tree.walk(va);
    if (seen == leaf) return;
    lab::fail("the walk to {:x} ends at the entry {:x}", "it ends at {:x}", va, leaf.bits(), seen.bits());
  }
  void expect_owned(VirtAddr va, Ppn table) {
    const Ppn seen = tree.find_owned(va);
    if (seen == table) return;
    if (table == Ppn()) return lab::fail("no table on the way to {:x} is this tree's alone", "table {:x}", va, seen);
    lab::fail("{:x} is in table {:x}, which is this tree's alone", "table {:x} (0: none)", va, table, seen);
  }
  // One more reference to a table, as another tree has it; f() with it.
  template <class F>
  void with_shared(Ppn table, F f) {
    frames().share(table);
    f();
    EXPECT_FALSE(frames().drop(table));
  }
};

}  // namespace ox
