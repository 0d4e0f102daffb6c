// Graded tests of the way to a page: the walk, the owned path, the printed tree. One behaviour a test.
#include "labs/walk.h"

namespace ox {
namespace {

// The gate: the skeleton can do this already. It gives no points, and without it there are none.
using MadeTree = TreeLab;

TEST_F(MadeTree, ThePathToAPageIsThere) {
  const Pte leaf = put(way);
  const Ppn low = below(below(tree.root(), 3), 70);
  EXPECT_EQ(word(low, 500), leaf.bits());
}

TEST_F(MadeTree, ADroppedTreeGivesItsFramesBack) {
  const std::size_t free = machine.free_frames();
  {
    const Result<PageTree> other = PageTree::create(machine.memory());
    ASSERT_TRUE(other);
    EXPECT_EQ(machine.free_frames(), free - 1);
  }
  EXPECT_EQ(machine.free_frames(), free);
}

TEST_F(WalkLab, ALeafIsFound) { expect_leaf(way, put(way)); }

TEST_F(WalkLab, EachLevelHasItsOwnIndex) {
  std::vector<std::pair<VirtAddr, Pte>> leaves;
  for (const VirtAddr va :
       {at(1, 2, 3), at(3, 2, 1), at(2, 3, 1), at(1, 2, 4), at(1, 3, 3), at(2, 2, 3), at(0, 0, 0)}) {
    leaves.emplace_back(va, put(va));
  }
  for (const auto& [va, leaf] : leaves) expect_leaf(va, leaf);
}

TEST_F(WalkLab, EveryAddressOfAPageLeadsToIt) {
  put(at(3, 70, 499)), put(at(3, 70, 501));
  const Pte leaf = put(way);
  for (const std::uint64_t offset : {1u, 8u, 0x800u, 0xfffu}) expect_leaf(way + offset, leaf);
}

TEST_F(WalkLab, TheTablesMayEndEarly) {
  expect_leaf(way, Pte());
  expect_leaf(way, put(way));
  expect_leaf(at(3, 71, 500), Pte());
  expect_leaf(at(4, 70, 500), Pte());
}

TEST_F(WalkLab, AnEntryMayBeEmpty) {
  expect_leaf(way, put(way));
  expect_leaf(at(3, 70, 499), Pte());
  expect_leaf(at(3, 70, 501), Pte());
}

TEST_F(WalkLab, APageWithoutAccessHasAnEntry) { expect_leaf(way, put(way, sim::none)); }

TEST_F(WalkLab, AnOwnedTableIsFound) {
  put(way);
  expect_owned(way, below(below(tree.root(), 3), 70));
  expect_owned(at(3, 70, 7), below(below(tree.root(), 3), 70));
  expect_owned(at(3, 71, 500), Ppn());
  expect_owned(at(4, 70, 500), Ppn());
}

TEST_F(WalkLab, ASharedTableIsNotOwned) {
  put(way);
  const Ppn table = below(below(tree.root(), 3), 70);
  with_shared(table, [&] { expect_owned(way, Ppn()); });
  expect_owned(way, table);
}

TEST_F(WalkLab, BelowASharedTableNothingIsOwned) {
  put(way);
  const Ppn middle = below(tree.root(), 3);
  with_shared(middle, [&] { expect_owned(way, Ppn()); });
  expect_owned(way, below(middle, 70));
}

TEST_F(WalkLab, ATableIsOwnedWhoeverHasItsPages) {
  const Pte leaf = put(way);
  with_shared(leaf.frame(), [&] { expect_owned(way, below(below(tree.root(), 3), 70)); });
}

// --- the printed tree

class Text final : public TextSink {
 public:
  void write(std::string_view text) override { text_ += text; }
  // The lines of the text, in order.
  std::string next_line() {
    const std::size_t start = std::exchange(at_, std::min(text_.find('\n', at_), text_.size() - 1) + 1);
    return start < text_.size() ? text_.substr(start, at_ - 1 - start) : "no line";
  }
  std::size_t lines() const { return static_cast<std::size_t>(std::ranges::count(text_, '\n')); }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

class WalkPrint : public WalkLab {
 protected:
  void line(int level, std::string_view va, std::uint64_t index, Ppn frame, std::string_view rest = "count 1") {
    format(expected_, "level {} {} [{}]: frame {:x} {}\n", level, va, index, frame, rest);
  }
  // The lines so far, and no others.
  void expect_printed() {
    print_tree(machine.memory(), tree.root(), root_level, VirtAddr(), printed_);
    for (std::size_t number = 1; number <= std::max(expected_.lines(), printed_.lines()); ++number) {
      const std::string expected = expected_.next_line(), seen = printed_.next_line();
      if (expected == seen) continue;
      return lab::fail("line {} is `{}`", "`{}`", number, std::string_view(expected), std::string_view(seen));
    }
  }

 private:
  Text expected_, printed_;
};

TEST_F(WalkPrint, ALineForEachEntryInUse) {
  const Ppn mine = put(at(0, 0, 5)).frame(), shared = put(at(0, 0, 6)).frame(),
            hidden = put(at(0, 0, 511), sim::none).frame();
  const Ppn middle = below(tree.root(), 0), low = below(middle, 0);
  tree.set_leaf(low, at(0, 0, 5), Pte::user_leaf(mine, sim::rw).with(Pte::W));
  line(2, "0000000000", 0, middle);
  line(1, "0000000000", 0, low);
  line(0, "0000005000", 5, mine, "count 1 W");
  line(0, "0000006000", 6, shared, "count 2");
  line(0, "00001ff000", 511, hidden);
  with_shared(shared, [&] { expect_printed(); });
}

TEST_F(WalkPrint, ALineSaysTheWholeAddress) {
  const Ppn first = put(at(0, 1, 2)).frame(), second = put(way).frame(), third = put(at(3, 71, 0)).frame();
  const Ppn left = below(tree.root(), 0), right = below(tree.root(), 3);
  line(2, "0000000000", 0, left);
  line(1, "0000200000", 1, below(left, 1));
  line(0, "0000202000", 2, first);
  line(2, "00c0000000", 3, right);
  line(1, "00c8c00000", 70, below(right, 70));
  line(0, "00c8df4000", 500, second);
  line(1, "00c8e00000", 71, below(right, 71));
  line(0, "00c8e00000", 0, third);
  expect_printed();
}

}  // namespace
}  // namespace ox
