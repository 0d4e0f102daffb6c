// Graded tests of the reference counts: the pool, trees that are dropped, a fork that shares. One behaviour a test.
#include "labs/counts.h"

namespace ox {
namespace {

using namespace sim;

// The gate: the skeleton can do this already. It gives no points, and without it there are none.
class HandedOut : public testing::Test {
 protected:
  HandedOut() { machine.set_lenient(); }
  Machine machine{100};
};

TEST_F(HandedOut, ANewFrameHasCountOne) {
  const Ppn frame = machine.memory().frames.take(FrameKind::page, Content::zero);
  EXPECT_EQ(machine.memory().frames.record(frame).count.load(), 1u);
}

TEST_F(HandedOut, AnEagerForkCopies) {
  auto parent = machine.new_process();
  ASSERT_TRUE(parent->map(pages(counted_base), rw));
  ASSERT_TRUE(parent->store(counted_base, 5));
  auto child = parent->fork(ForkMode::eager);
  ASSERT_NE(child, nullptr);
  EXPECT_NE(child->frame(counted_base), parent->frame(counted_base));
  EXPECT_EQ(child->load(counted_base), 5u);
}

// --- the pool

TEST_F(CountsPool, AFreedFrameIsFree) {
  const std::size_t free = machine.free_frames();
  const Ppn frame = take();
  expect_free(free - 1, "while one is taken");
  give_back(frame);
  expect_free(free, "after it was given back");
  expect_count(frame, 0, "a free frame");
}

TEST_F(CountsPool, AFreedFrameIsTakenAgain) {
  const std::vector<Ppn> all = take_all();
  give_back(all[7]);
  const Ppn frame = take();
  if (frame != all[7]) return lab::fail("the one free frame {:x} is taken", "{:x} is (0: none)", all[7], frame);
  expect_count(frame, 1, "a frame that was taken again");
}

TEST_F(CountsPool, AChainComesBackWholeAndAnEmptyOneBringsNothing) {
  const std::vector<Ppn> all = take_all();
  Frames::Chain chain;
  for (unsigned i = 0; i < 5; ++i) {
    if (frames().drop(all[i])) frames().link(chain, all[i], Content::any);
  }
  frames().free(chain, Content::any);
  frames().free(Frames::Chain(), Content::any);
  expect_free(5, "after a chain of five and one of none");
  expect_taken(5, "the hart");
}

TEST_F(CountsPool, TheReserveIsFilledFirst) {
  current_hart_may_use_reserve = true;
  const std::vector<Ppn> all = take_all();
  frames().set_reserve(5);
  current_hart_may_use_reserve = false;
  for (unsigned i = 0; i < 5; ++i) give_back(all[i]);
  expect_taken(0, "with five free and a reserve of five, a hart that may not use it");
  for (unsigned i = 5; i < 8; ++i) give_back(all[i]);
  expect_taken(3, "with three more, a hart that may not use it");
}

TEST_F(CountsPool, AnotherHartsFramesAreFound) {
  const std::vector<Ppn> all = take_all();
  current_hart = 1;
  for (unsigned i = 0; i < 4; ++i) give_back(all[i]);
  current_hart = 0;
  expect_taken(4, "hart 0, after hart 1 has given back four,");
}

TEST_F(CountsPool, TheReserveIsForHartsThatMayUseIt) {
  frames().set_reserve(5);
  (void)take_all();
  expect_free(5, "when a hart that may not use the reserve has all others");
  current_hart_may_use_reserve = true;
  expect_taken(5, "a hart that may use it");
}

// --- trees

TEST_F(CountsTree, ARootComesBack) {
  expect_free(before - 1, "while there is a root");
  drop();
  expect_free(before, "after the tree was dropped");
}

TEST_F(CountsTree, TablesComeBack) {
  (void)tree->own(counted_base), (void)tree->own(next_table);
  expect_free(before - 4, "while there are a root and three tables");
  drop();
  expect_free(before, "after the tree was dropped");
}

TEST_F(CountsTree, PagesComeBack) {
  const std::array pages{put(counted_base), put(counted_base + page_size), put(next_table)};
  drop();
  expect_free(before, "after the tree was dropped");
  for (const Ppn page : pages) expect_count(page, 0, "a page of a dropped tree");
}

TEST_F(CountsTree, APageThatAnotherHasStays) {
  const Ppn page = put(counted_base), other = put(counted_base + page_size);
  frames().share(page);
  *reinterpret_cast<std::uint64_t*>(to_pointer(page)) = 5;
  drop();
  expect_count(page, 1, "a page of somebody else's");
  expect_count(other, 0, "its neighbour");
  if (*reinterpret_cast<std::uint64_t*>(to_pointer(page)) != 5) lab::fail("its bytes stay", "they changed");
  give_back(page);
  expect_free(before, "after the other has given it back");
}

TEST_F(CountsTree, ATableThatAnotherHasStays) {
  const Ppn page = put(counted_base);
  const Ppn table = below(tree->root(), counted_base.index(2));
  frames().share(table);
  drop();
  expect_count(table, 1, "another tree's table");
  expect_count(page, 1, "the page below it");
  if (below(table, counted_base.index(1)) == Ppn()) return lab::fail("the table keeps its entries", "one is empty");
  drop_tree(memory(), table, 1);
  expect_free(before, "after the other tree has gone too");
}

TEST_F(CountsTree, AFreedTableIsAllZero) {
  const Ppn page = put(counted_base);
  drop();
  expect_count(page, 0, "the page of a dropped tree");
  for (unsigned i = 0; i < 3; ++i) {
    const Ppn zeros = take(Content::zero);
    const auto* words = reinterpret_cast<const std::uint64_t*>(to_pointer(zeros));
    for (unsigned word = 0; word < page_size / sizeof *words; ++word) {
      if (words[word] == 0) continue;
      return lab::fail("frame {:x}, given out as zeros, is all zero (rule 12)", "word {} is {:x}", zeros, word,
                       words[word]);
    }
  }
}

// --- fork

class CountsFork : public CountsLab {
 protected:
  CountsFork() : parent(machine.new_process()) {
    EXPECT_TRUE(parent->map(pages(counted_base, 4), rw));
    EXPECT_TRUE(parent->store(counted_base, 5));
    EXPECT_EQ(parent->load(counted_base + page_size), 0u);  // maps the zero frame
  }
  std::unique_ptr<Process> fork(ForkMode mode) {
    auto child = parent->fork(mode);
    if (child != nullptr) return child;
    lab::fail("fork makes a child", "it answers that there is no memory");
    throw lab::Stop();
  }
  std::unique_ptr<Process> parent;
};

TEST_F(CountsFork, TheZeroFrameIsShared) {
  const std::uint32_t count_before = count(machine.zero());
  auto child = fork(ForkMode::eager);
  if (const Ppn frame = child->frame(counted_base + page_size); frame != machine.zero()) {
    return lab::fail("the child maps the zero frame {:x}, as its parent", "frame {:x}", machine.zero(), frame);
  }
  expect_count(machine.zero(), count_before + 1, "the zero frame, with one more entry that names it,");
}

TEST_F(CountsFork, CowCountsEachPage) {
  auto child = fork(ForkMode::cow);
  const Ppn page = parent->frame(counted_base);
  if (const Ppn frame = child->frame(counted_base); frame != page) {
    return lab::fail("the child maps its parent's frame {:x}", "frame {:x}", page, frame);
  }
  expect_count(page, 2, "a page that two entries name");
  expect_count(parent->path(counted_base).table[0], 1, "a table that one entry names");
  child.reset();
  expect_count(page, 1, "the page after the child's exit");
}

TEST_F(CountsFork, OnDemandCountsWhatIsBelowTheRoot) {
  auto child = fork(ForkMode::on_demand);
  const Path mine = parent->path(counted_base), its = child->path(counted_base);
  if (mine.table[1] != its.table[1]) {
    return lab::fail("both roots name table {:x}", "the child's names {:x}", mine.table[1], its.table[1]);
  }
  expect_count(mine.table[1], 2, "the table below both roots");
  expect_count(mine.table[0], 1, "the table below that, which one entry names,");
  expect_count(mine.leaf.frame(), 1, "a page that one entry names");
  child.reset();
  expect_count(mine.table[1], 1, "the table below the root, after the child's exit,");
}

}  // namespace
}  // namespace ox
