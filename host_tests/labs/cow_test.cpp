// Graded tests of fork in mode cow: who shares what, and who copies. One behaviour a test.
#include "labs/cow.h"

namespace ox {
namespace {

using namespace sim;

// The gate: the skeleton can do this already. It gives no points, and without it there are none.
class EagerFork : public testing::Test {
 protected:
  EagerFork() : parent(machine.new_process()) {
    EXPECT_TRUE(parent->map({base, farther + page_size}, rw));
    for (const VirtAddr va : written) EXPECT_TRUE(parent->store(va, va.value()));
  }
  Machine machine{100};
  std::unique_ptr<Process> parent;
};

TEST_F(EagerFork, EachProcessHasFramesOfItsOwn) {
  auto child = parent->fork(ForkMode::eager);
  ASSERT_NE(child, nullptr);
  for (const VirtAddr va : written) {
    EXPECT_NE(child->frame(va), parent->frame(va));
    EXPECT_TRUE(child->store(va, 1));
    EXPECT_EQ(parent->load(va), va.value());
  }
}

TEST_F(EagerFork, EveryFrameComesBack) {
  const std::size_t free = machine.free_frames();
  parent->fork(ForkMode::eager)->fork(ForkMode::eager).reset();
  EXPECT_EQ(machine.free_frames(), free);
}

TEST_F(CowLab, ForkSharesThePages) {
  auto child = fork();
  for (const VirtAddr va : written) {
    expect_old(*child, va, "the child");
    expect_old(*parent, va, "the parent");
  }
  if (const auto count = parent->count(base); count != 2) {
    lab::fail("a frame that two processes map has count 2", "the frame at {:x} has count {}", base, count);
  }
}

TEST_F(CowLab, NeitherMayWriteWithoutAFault) {
  auto child = fork();
  for (const VirtAddr va : written) {
    if (parent->leaf(va).is_writable()) lab::fail("after fork, the parent's leaf at {:x} has no W", "it has W", va);
    if (child->leaf(va).is_writable()) lab::fail("after fork, the child's leaf at {:x} has no W", "it has W", va);
  }
}

TEST_F(CowLab, TheChildsWriteCopies) {
  auto child = fork();
  expect_write_copies(*child, *parent, 10, "the child", "the parent");
}

TEST_F(CowLab, TheParentsWriteCopies) {
  auto child = fork();
  expect_old(*child, base, "the child");  // and the hart has forgotten what it knew of the parent
  expect_write_copies(*parent, *child, 20, "the parent", "the child");
}

TEST_F(CowLab, AReadCopiesNothing) {
  auto child = fork();
  const std::size_t free = machine.free_frames();
  for (const VirtAddr va : written) {
    const Ppn before = child->frame(va);
    expect_old(*child, va, "the child");
    expect_old(*parent, va, "the parent");
    if (child->frame(va) != before) {
      lab::fail("a load at {:x} leaves the child's frame {:x}", "the child has frame {:x}", va, before,
                child->frame(va));
    }
  }
  if (machine.free_frames() != free) {
    lab::fail("loads take no frame: {} are free, as before", "{}", free, machine.free_frames());
  }
}

TEST_F(CowLab, AWriteCopiesThatPageWhole) {
  auto child = fork();
  if (!store(*child, base + 8, 7, "the child")) return;
  expect_old(*child, base, "the child");
  expect_word(*child, base + 8, 7, "the child");
  for (const VirtAddr va : written) {
    if (va == base) continue;
    expect_old(*child, va, "the child");
    if (child->frame(va) != parent->frame(va)) {
      lab::fail("a store at {:x} leaves the page at {:x} shared", "the child has a frame of its own there", base, va);
    }
  }
}

TEST_F(CowLab, TheLastOwnerCopiesNothing) {
  fork().reset();
  auto child = fork();
  if (!store(*child, base, 10, "the child")) return;  // from here on the page at `base` is the parent's alone
  const Ppn alone = parent->frame(base);
  if (!store(*parent, base, 20, "the parent")) return;
  if (parent->frame(base) != alone) {
    lab::fail("who maps a frame alone writes it in place: frame {:x}", "the store moved it to frame {:x}", alone,
              parent->frame(base));
  }
  const Ppn far_frame = parent->frame(far);
  child.reset();
  if (!store(*parent, far, 20, "the parent")) return;
  if (parent->frame(far) != far_frame) {
    lab::fail("after the child's exit the parent writes in place: frame {:x}", "the store moved it to frame {:x}",
              far_frame, parent->frame(far));
  }
}

TEST_F(CowLab, TheKernelsWriteCopies) {
  auto child = fork();
  if (!child->write(base + 8, 5)) return lab::fail("the kernel may write to the child's page", "it may not");
  expect_counted();
  expect_apart(*child, *parent, base);
  expect_word(*child, base + 8, 5, "the child");
  expect_old(*child, base, "the child");
  expect_word(*parent, base + 8, 0, "the parent");
  if (!parent->write(far + 8, 6)) return lab::fail("the kernel may write to the parent's page", "it may not");
  expect_counted();
  expect_word(*parent, far + 8, 6, "the parent");
  expect_word(*child, far + 8, 0, "the child");
}

TEST_F(CowLab, AReadOnlyPageStaysReadOnly) {
  EXPECT_TRUE(parent->protect(pages(far), ro));
  auto child = fork();
  for (const auto& [process, whose] : {std::pair(child.get(), "the child"), std::pair(parent.get(), "the parent")}) {
    if (process->store(far, 1)) lab::fail("a store of {} to its read-only page is refused", "it is done", whose);
  }
  expect_old(*parent, far, "the parent");
}

// The hart has the parent's leaves with W in its TLB when it forks, and goes on in the parent.

// Between the fence and before it: the other owner exits, on another hart, just when the fence begins.

}  // namespace
}  // namespace ox
