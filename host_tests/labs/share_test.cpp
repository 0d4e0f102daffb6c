// Graded tests of fork in mode on_demand: who shares which tables, and who copies. One behaviour a test.
#include "labs/share.h"

namespace ox {
namespace {

using namespace sim;

// The gate: the skeleton can do this already. It gives no points, and without it there are none.
class CowFork : public testing::Test {
 protected:
  CowFork() : parent(machine.new_process()) {
    machine.set_lenient();
    EXPECT_TRUE(parent->map({base, farther + page_size}, rw));
    for (const VirtAddr va : written) EXPECT_TRUE(parent->store(va, va.value()));
  }
  Machine machine{100};
  std::unique_ptr<Process> parent;
};

TEST_F(CowFork, EachProcessSeesItsOwnWrites) {
  auto child = parent->fork(ForkMode::cow);
  ASSERT_NE(child, nullptr);
  for (const VirtAddr va : written) {
    EXPECT_EQ(child->frame(va), parent->frame(va));
    EXPECT_TRUE(child->store(va, 1));
    EXPECT_EQ(parent->load(va), va.value());
  }
}

TEST_F(CowFork, EveryFrameComesBack) {
  const std::size_t free = machine.free_frames();
  for (const ForkMode mode : {ForkMode::eager, ForkMode::cow}) parent->fork(mode)->fork(mode).reset();
  EXPECT_EQ(machine.free_frames(), free);
}

TEST_F(ShareLab, ForkTakesOneFrame) {
  const std::size_t free = machine.free_frames();
  auto child = fork();
  expect_taken(free, 1, "fork, which copies the root alone,");
  for (const VirtAddr va : written) {
    expect_old(*child, va, "the child");
    expect_old(*parent, va, "the parent");
  }
}

TEST_F(ShareLab, NeitherMayWriteWithoutAFault) {
  auto child = fork();
  for (const VirtAddr va : written) {
    if (child->leaf(va).is_writable())
      lab::fail("after fork, the leaf at {:x}, which both have, has no W", "it has W", va);
  }
}

TEST_F(ShareLab, TheChildsWriteCopiesThePath) {
  auto child = fork();
  expect_write_copies(*child, *parent, 10, "the child", "the parent");
  expect_path_apart(*child, *parent, base);
}

TEST_F(ShareLab, TheParentsWriteCopiesThePath) {
  auto child = fork();
  expect_old(*child, base, "the child");  // and the hart has forgotten what it knew of the parent
  expect_write_copies(*parent, *child, 20, "the parent", "the child");
  expect_path_apart(*parent, *child, base);
}

TEST_F(ShareLab, AWriteCopiesNoMoreThanThePath) {
  auto child = fork();
  const std::size_t free = machine.free_frames();
  if (!store(*child, base, 10, "the child")) return;
  expect_taken(free, 3, "a first store, which copies two tables and a page,");
  expect_tables_shared(*parent, *child, farther);
  if (parent->path(far).table[0] != child->path(far).table[0]) {
    lab::fail("both still have the level-0 table for {:x}", "they have two", far);
  }
}

TEST_F(ShareLab, TheNextWriteCopiesAPageAlone) {
  auto child = fork();
  if (!store(*child, base, 10, "the child")) return;
  const std::size_t free = machine.free_frames();
  if (!store(*child, base + page_size, 11, "the child")) return;
  expect_taken(free, 1, "a second store below the same tables");
  expect_word(*child, base, 10, "the child");
  expect_old(*parent, base, "the parent");
  expect_old(*parent, base + page_size, "the parent");
}

TEST_F(ShareLab, AReadCopiesNothing) {
  auto child = fork();
  const std::size_t free = machine.free_frames();
  for (const VirtAddr va : written) {
    expect_old(*child, va, "the child");
    expect_old(*parent, va, "the parent");
    expect_tables_shared(*parent, *child, va);
  }
  expect_taken(free, 0, "a load");
}

TEST_F(ShareLab, TheLastOwnerCopiesNothing) {
  fork().reset();
  const Path before = parent->path(base);
  const std::size_t free = machine.free_frames();
  if (!store(*parent, base, 20, "the parent")) return;
  expect_taken(free, 0, "a store of the last owner");
  const Path after = parent->path(base);
  if (after.table[1] != before.table[1] || after.table[0] != before.table[0] ||
      after.leaf.frame() != before.leaf.frame()) {
    lab::fail("after the child's exit the parent writes in place: frame {:x} in table {:x}",
              "now it is frame {:x} in table {:x}", before.leaf.frame(), before.table[0], after.leaf.frame(),
              after.table[0]);
  }
}

TEST_F(ShareLab, AFirstTouchIsOneProcesssAlone) {
  EXPECT_TRUE(parent->map(pages(base + 100 * page_size, 2), rw));
  auto child = fork();
  const VirtAddr loaded = base + 100 * page_size, stored = base + 101 * page_size;
  expect_word(*child, loaded, 0, "the child");
  if (!store(*child, stored, 3, "the child")) return;
  for (const VirtAddr va : {loaded, stored}) {
    if (!parent->leaf(va).is_empty()) {
      lab::fail("what the child touches first at {:x} is not in the parent's tables", "it is: frame {:x}", va,
                parent->frame(va));
    }
  }
  expect_word(*parent, stored, 0, "the parent");
}

TEST_F(ShareLab, UnmappingTakesFromOneProcess) {
  auto child = fork();
  EXPECT_TRUE(child->unmap(pages(base)));
  EXPECT_TRUE(parent->protect(pages(far), ro));
  expect_old(*parent, base, "the parent");
  if (!store(*child, far, 4, "the child")) return;
  if (parent->store(far, 1)) lab::fail("a store of the parent to its read-only page is refused", "it is done");
  expect_old(*parent, far, "the parent");
}

TEST_F(ShareLab, TheKernelsWriteCopiesThePath) {
  auto child = fork();
  if (!child->write(base + 8, 5)) return lab::fail("the kernel may write to the child's page", "it may not");
  expect_counted();
  expect_path_apart(*child, *parent, base);
  expect_word(*child, base + 8, 5, "the child");
  expect_word(*parent, base + 8, 0, "the parent");
}

}  // namespace
}  // namespace ox
