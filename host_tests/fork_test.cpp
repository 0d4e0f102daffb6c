// fork in each mode: what it shares, what it copies, what a first write copies, and which process copies
// (kernel/vm/fork.cpp).
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/process.h"

namespace ox {
namespace {

using namespace sim;
using Outcomes = std::vector<FaultOutcome>;

constexpr VirtAddr base{0x10'0000};
constexpr VirtAddr far = base + entry_span(1);      // another level-0 table
constexpr VirtAddr farther = base + entry_span(2);  // another level-1 table
constexpr std::uint64_t cell = 2048;                // an offset other than the page's first word

// A process with pages in three level-0 tables below two level-1 tables: 1 + 2 + 3 tables, 4 pages.
class Forking : public testing::Test {
 protected:
  Forking() : parent(machine.new_process()) {
    for (const VirtAddr va : {base, base + page_size, far, farther}) {
      EXPECT_TRUE(parent->map(pages(va), rw));
      EXPECT_TRUE(parent->store(va, va.value()));
      EXPECT_TRUE(parent->store(va + cell, 1));
    }
    note();
  }
  void note() {
    tables_ = machine.tables_copied();
    pages_ = machine.pages_copied();
  }
  // The number of tables copied since the last note().
  std::uint64_t tables_copied() const { return machine.tables_copied() - tables_; }
  std::uint64_t pages_copied() const { return machine.pages_copied() - pages_; }
  // The groups that are marked as writable: only what this process alone may write (rule 5).
  std::uint32_t hot(Process& process, VirtAddr va, int level) {
    const Path path = process.path(va);
    return machine.memory().frames.record(path.table[static_cast<unsigned>(level)]).writable_groups;
  }

  Machine machine{400, {}, 3};
  std::unique_ptr<Process> parent;

 private:
  std::uint64_t tables_ = 0;
  std::uint64_t pages_ = 0;
};

TEST_F(Forking, EagerCopiesTablesAndPages) {
  auto child = parent->fork(ForkMode::eager);
  EXPECT_EQ(tables_copied(), 6u);
  EXPECT_EQ(pages_copied(), 4u);
  EXPECT_NE(child->frame(base), parent->frame(base));
  EXPECT_TRUE(child->store(base, 5));
  EXPECT_EQ(child->faults(), Outcomes{}) << "the child has its own pages from the start";
  EXPECT_TRUE(parent->store(base, 6));
  EXPECT_EQ(parent->faults(), Outcomes{});
  EXPECT_EQ(child->load(base + cell), 1u);
}

TEST_F(Forking, CowCopiesTablesAndSharesPages) {
  auto child = parent->fork(ForkMode::cow);
  EXPECT_EQ(tables_copied(), 6u);
  EXPECT_EQ(pages_copied(), 0u);
  EXPECT_EQ(child->frame(base), parent->frame(base));
  EXPECT_EQ(child->count(base), 2u);
}

TEST_F(Forking, OnDemandCopiesTheRootAndSharesTheRest) {
  auto child = parent->fork(ForkMode::on_demand);
  EXPECT_EQ(tables_copied(), 1u);
  EXPECT_EQ(pages_copied(), 0u);
  EXPECT_EQ(child->path(base).table[1], parent->path(base).table[1]);
  EXPECT_EQ(child->count(base), 1u) << "one reference, from the shared table";
}

TEST_F(Forking, AWriteAfterCowCopiesThatPageOnly) {
  auto child = parent->fork(ForkMode::cow);
  note();
  EXPECT_TRUE(child->store(base, 10));
  EXPECT_EQ(child->faults(), Outcomes{FaultOutcome::copied});
  EXPECT_EQ(tables_copied(), 0u);
  EXPECT_EQ(pages_copied(), 1u);
  EXPECT_EQ(parent->load(base), base.value());
  EXPECT_EQ(child->load(base + cell), 1u);
  EXPECT_EQ(child->frame(far), parent->frame(far));
}

TEST_F(Forking, AWriteAfterOnDemandCopiesThePathAndThatPage) {
  auto child = parent->fork(ForkMode::on_demand);
  note();
  EXPECT_TRUE(child->store(base, 10));
  EXPECT_EQ(child->faults(), Outcomes{FaultOutcome::copied});
  EXPECT_EQ(tables_copied(), 2u);
  EXPECT_EQ(pages_copied(), 1u);
  EXPECT_TRUE(child->store(base + page_size, 10));
  EXPECT_EQ(tables_copied(), 2u) << "the child owns the path now";
  EXPECT_TRUE(child->store(far, 10));
  EXPECT_EQ(tables_copied(), 3u) << "the lowest table of the second path was still shared";
  EXPECT_EQ(parent->load(base), base.value());
  EXPECT_EQ(parent->load(far), far.value());
}

TEST_F(Forking, AReadCopiesNothing) {
  auto child = parent->fork(ForkMode::on_demand);
  note();
  for (const VirtAddr va : {base, far, farther}) EXPECT_EQ(child->load(va), va.value());
  EXPECT_EQ(child->faults(), Outcomes{});
  EXPECT_EQ(tables_copied() + pages_copied(), 0u);
}

TEST_F(Forking, TheLastOwnerOfAPageCopiesNothing) {
  auto child = parent->fork(ForkMode::cow);
  EXPECT_TRUE(child->store(base, 10));
  note();
  EXPECT_TRUE(parent->store(base, 20));
  EXPECT_EQ(parent->faults(), Outcomes{FaultOutcome::granted});
  EXPECT_EQ(tables_copied() + pages_copied(), 0u);
  EXPECT_EQ(child->load(base), 10u);
}

TEST_F(Forking, TheLastOwnerOfATableCopiesNothing) {
  auto child = parent->fork(ForkMode::on_demand);
  EXPECT_TRUE(child->store(base, 10));
  note();
  EXPECT_TRUE(parent->store(base, 20));
  EXPECT_EQ(parent->faults(), Outcomes{FaultOutcome::granted});
  EXPECT_EQ(tables_copied() + pages_copied(), 0u);
  EXPECT_TRUE(parent->store(base + page_size, 20));
  EXPECT_EQ(parent->faults(), Outcomes{FaultOutcome::copied}) << "the child's table names this page too";
  EXPECT_EQ(tables_copied(), 0u);
}

TEST_F(Forking, AfterTheChildsExitTheParentCopiesNothing) {
  for (const ForkMode mode : {ForkMode::cow, ForkMode::on_demand}) {
    parent->fork(mode).reset();
    note();
    EXPECT_TRUE(parent->store(base, 20));
    EXPECT_EQ(parent->faults(), Outcomes{FaultOutcome::granted});
    EXPECT_TRUE(parent->store(base + cell, 20));
    EXPECT_EQ(parent->faults(), Outcomes{}) << "one fault for each page";
    EXPECT_EQ(tables_copied() + pages_copied(), 0u);
  }
}

TEST_F(Forking, AfterTheParentsExitTheChildCopiesNothing) {
  auto child = parent->fork(ForkMode::on_demand);
  parent.reset();
  note();
  EXPECT_TRUE(child->store(base, 20));
  EXPECT_EQ(child->faults(), Outcomes{FaultOutcome::granted});
  EXPECT_EQ(tables_copied() + pages_copied(), 0u);
}

TEST_F(Forking, TheParentsWritesFaultToo) {
  for (const ForkMode mode : {ForkMode::cow, ForkMode::on_demand}) {
    EXPECT_TRUE(parent->store(base, 1));  // the hart caches W
    auto child = parent->fork(mode);
    EXPECT_TRUE(parent->store(base, 20));
    EXPECT_EQ(parent->faults(), Outcomes{FaultOutcome::copied});
    EXPECT_EQ(child->load(base), 1u);
  }
}

TEST_F(Forking, TheZeroPageIsSharedInEveryMode) {
  EXPECT_TRUE(parent->map(pages(base + 2 * page_size), rw));
  parent->load(base + 2 * page_size);
  for (const ForkMode mode : {ForkMode::eager, ForkMode::cow, ForkMode::on_demand}) {
    auto child = parent->fork(mode);
    EXPECT_EQ(child->frame(base + 2 * page_size), machine.zero());
    EXPECT_TRUE(child->store(base + 2 * page_size, 3));
    EXPECT_EQ(child->faults(), Outcomes{FaultOutcome::zeroed});
    EXPECT_EQ(parent->load(base + 2 * page_size), 0u);
  }
}

TEST_F(Forking, ReadOnlyPagesStayReadOnly) {
  EXPECT_TRUE(parent->protect(pages(base), ro));
  EXPECT_TRUE(parent->protect(pages(far), rx));
  for (const ForkMode mode : {ForkMode::eager, ForkMode::cow, ForkMode::on_demand}) {
    auto child = parent->fork(mode);
    note();
    for (const VirtAddr va : {base, far}) {
      EXPECT_FALSE(child->store(va, 1));
      EXPECT_EQ(child->faults(), Outcomes{FaultOutcome::denied});
      EXPECT_EQ(child->load(va), va.value());
    }
    EXPECT_EQ(tables_copied() + pages_copied(), 0u) << "denied before anything is copied";
  }
}

TEST_F(Forking, GrandchildrenOfMixedModesEachHaveTheirOwn) {
  auto child = parent->fork(ForkMode::on_demand);
  auto grandchild = child->fork(ForkMode::cow);
  auto great = grandchild->fork(ForkMode::on_demand);
  auto eager = great->fork(ForkMode::eager);
  std::uint64_t value = 100;
  for (Process* process : {great.get(), parent.get(), eager.get(), child.get(), grandchild.get()}) {
    EXPECT_TRUE(process->store(base, ++value));
  }
  value = 100;
  for (Process* process : {great.get(), parent.get(), eager.get(), child.get(), grandchild.get()}) {
    EXPECT_EQ(process->load(base), ++value);
    EXPECT_EQ(process->load(base + cell), 1u);
    EXPECT_EQ(process->load(far), far.value());
  }
}

TEST_F(Forking, ChainsWithoutAWriteStayWritable) {
  for (const ForkMode mode : {ForkMode::cow, ForkMode::on_demand}) {
    auto one = parent->fork(mode);
    auto two = one->fork(mode);
    auto three = two->fork(mode);
    EXPECT_TRUE(three->store(base, 3));
    EXPECT_TRUE(one->store(base, 1));
    EXPECT_EQ(two->load(base), base.value());
  }
}

TEST_F(Forking, AnyOrderOfExitsGivesEveryFrameBack) {
  const std::size_t before = machine.free_frames();
  std::array<unsigned, 3> order{0, 1, 2};
  do {
    for (const ForkMode mode : {ForkMode::eager, ForkMode::cow, ForkMode::on_demand}) {
      std::array<std::unique_ptr<Process>, 3> family;
      family[0] = parent->fork(mode);
      family[1] = family[0]->fork(ForkMode::on_demand);
      family[2] = family[1]->fork(mode);
      family[1]->store(base, 1);
      family[2]->store(far, 2);
      for (const unsigned which : order) family[which].reset();
      EXPECT_EQ(machine.free_frames(), before);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(Forking, ASecondForkWithNothingWrittenTouchesNothing) {
  auto first = parent->fork(ForkMode::on_demand);
  for (int level = 0; level <= 2; ++level) EXPECT_EQ(hot(*parent, base, level), 0u) << level;
  auto second = parent->fork(ForkMode::on_demand);
  EXPECT_EQ(tables_copied(), 2u);
}

TEST_F(Forking, OnlyWrittenGroupsAreWritable) {
  auto child = parent->fork(ForkMode::on_demand);
  EXPECT_TRUE(parent->store(far, 1));
  EXPECT_EQ(hot(*parent, far, 0), group_bit(far.index(0)));
  EXPECT_EQ(hot(*parent, far, 1), group_bit(far.index(1)));
  EXPECT_EQ(hot(*parent, farther, 1), 0u);
  EXPECT_EQ(hot(*parent, farther, 2), group_bit(far.index(2)));
}

TEST_F(Forking, ThreeHundredSharersOfOnePage) {
  machine.set_auditing(false);
  std::vector<std::unique_ptr<Process>> children;
  children.reserve(300);
  for (unsigned i = 0; i < 300; ++i) children.push_back(parent->fork(ForkMode::on_demand));
  machine.set_auditing(true);
  machine.audit();
  machine.set_auditing(false);
  for (auto& child : children) EXPECT_EQ(child->load(base), base.value());
  children.clear();
  machine.set_auditing(true);
  EXPECT_TRUE(parent->store(base, 1));
  EXPECT_EQ(parent->faults(), Outcomes{FaultOutcome::granted});
}

TEST_F(Forking, ParentAndChildOnTwoHartsAtOnce) {
  auto child = parent->fork(ForkMode::on_demand);
  child->move_to(1);
  for (const VirtAddr va : {base, far}) {
    EXPECT_EQ(child->load(va), va.value());  // both harts cache the shared tables
    EXPECT_EQ(parent->load(va), va.value());
    EXPECT_TRUE(child->store(va, 10));
    EXPECT_EQ(parent->load(va), va.value());
    EXPECT_TRUE(parent->store(va, 20));
    EXPECT_EQ(child->load(va), 10u);
  }
}

TEST_F(Forking, TheHeapGoesAlong) {
  parent->space().set_heap(farther + page_size);
  EXPECT_EQ(parent->set_heap_end(farther + page_size + 10), farther + page_size + 10);
  EXPECT_TRUE(parent->store(farther + page_size, 4));
  auto child = parent->fork(ForkMode::on_demand);
  EXPECT_EQ(child->set_heap_end(farther + 3 * page_size), farther + 3 * page_size);
  EXPECT_EQ(child->load(farther + page_size), 4u);
  EXPECT_TRUE(child->store(farther + 2 * page_size, 4));
  EXPECT_FALSE(parent->load(farther + 2 * page_size)) << "the child's heap grew, not the parent's";
}

}  // namespace
}  // namespace ox
