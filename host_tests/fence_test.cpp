// Rule 6: the fence comes before a frame is dropped. Another owner may drop its reference at any moment. If this hart
// drops its own reference too early, the frame can be free while this hart still caches it. In these tests the other
// owner exits exactly at the fence.
#include <gtest/gtest.h>

#include "sim/process.h"

namespace ox {
namespace {

using namespace sim;

constexpr VirtAddr base{0x4000'0000};

class Interrupted : public testing::TestWithParam<Hardware> {
 protected:
  // A parent on hart 0, which caches the translations of its pages, and a child that is about to exit on hart 1.
  void start(ForkMode mode) {
    parent = machine.new_process();
    free_before = machine.free_frames();
    ASSERT_TRUE(parent->map(pages(base, 4), rw));
    ASSERT_TRUE(parent->store(base, 1));
    ASSERT_TRUE(parent->store(base + page_size, 1));
    child = parent->fork(mode);
    child->move_to(1);
    for (Process* process : {parent.get(), child.get()}) {
      ASSERT_EQ(process->load(base), 1u);
      ASSERT_EQ(process->load(base + page_size), 1u);
    }
    exit_at_next_fence();
  }
  void exit_at_next_fence() {
    machine.at_next_fence([&] { child.reset(); });
  }
  ~Interrupted() override { EXPECT_EQ(child, nullptr) << "there was no fence"; }

  Machine machine{64, GetParam(), 2};
  std::unique_ptr<Process> parent;
  std::unique_ptr<Process> child;
  std::size_t free_before = 0;
};

INSTANTIATE_TEST_SUITE_P(, Interrupted,
                         testing::Values(Hardware{false, false, false}, Hardware{true, true, false},
                                         Hardware{false, true, true}),
                         testing::PrintToStringParamName());

TEST_P(Interrupted, TheOldPageIsHeldUntilTheFence) {
  start(ForkMode::cow);
  EXPECT_TRUE(parent->store(base, 2));
  EXPECT_EQ(machine.free_frames(), free_before - 2 - 2 - block);
}

TEST_P(Interrupted, TheOldTablesAreHeldUntilTheFence) {
  start(ForkMode::on_demand);
  EXPECT_TRUE(parent->store(base, 2));
  EXPECT_EQ(machine.free_frames(), free_before - 2 - 2 - block);
}

// Parent and child have level-1 tables of their own. Only the level-0 table is shared.
TEST_P(Interrupted, ATableOfTheLastLevelIsHeldUntilTheFence) {
  start(ForkMode::on_demand);
  machine.at_next_fence(nullptr);
  const VirtAddr elsewhere = base + entry_span(1);
  ASSERT_TRUE(child->map(pages(elsewhere), rw));
  ASSERT_TRUE(child->store(elsewhere, 1));
  exit_at_next_fence();
  EXPECT_TRUE(parent->store(base, 2));
  EXPECT_EQ(machine.free_frames(), free_before - 2 - 2 - block);
}

TEST_P(Interrupted, APageIsUnmappedAfterTheFence) {
  start(ForkMode::cow);
  EXPECT_TRUE(parent->unmap(pages(base)));
  EXPECT_EQ(machine.free_frames(), free_before - 2 - 1 - block);
}

TEST_P(Interrupted, ATableIsUnmappedAfterTheFence) {
  start(ForkMode::on_demand);
  EXPECT_TRUE(parent->unmap({base, base + entry_span(2)}));
  EXPECT_EQ(machine.free_frames(), free_before);
}

TEST_P(Interrupted, TheTablesOfAProtectedRangeAreHeldUntilTheFence) {
  start(ForkMode::on_demand);
  EXPECT_TRUE(parent->protect(pages(base, 4), ro));
  EXPECT_EQ(machine.free_frames(), free_before - 2 - 2 - block);
}

TEST_P(Interrupted, AForkSharesWhatItsOtherOwnerLeft) {
  start(ForkMode::on_demand);
  auto second = parent->fork(ForkMode::cow);
  EXPECT_TRUE(parent->store(base, 2));
  EXPECT_EQ(second->load(base), 1u);
}

}  // namespace
}  // namespace ox
