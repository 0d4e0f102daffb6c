// Graded tests of fences: in faults, in fork, in unmapping. One behaviour a test.
#include "labs/fence.h"

namespace ox {
namespace {

using namespace sim;

// The gate: the skeleton can do this already. It gives no points, and without it there are none.
TEST(FenceGate, MemoryWorksOnAForgetfulHart) {
  Machine machine{100};
  machine.set_lenient();
  auto parent = machine.new_process();
  EXPECT_TRUE(parent->map(pages(VirtAddr(0x10'0000), 2), rw));
  EXPECT_TRUE(parent->store(VirtAddr(0x10'0000), 5));
  auto child = parent->fork(ForkMode::eager);
  ASSERT_NE(child, nullptr);
  EXPECT_TRUE(child->store(VirtAddr(0x10'0000), 6));
  EXPECT_EQ(child->load(VirtAddr(0x10'0000)), 6u);
  EXPECT_EQ(parent->load(VirtAddr(0x10'0000)), 5u);
}

TEST_F(FenceLab, AFirstTouchIsOneFault) {
  process->store(untouched, 1);
  expect_one_fault("a first store");
  process->load(untouched + page_size);
  expect_one_fault("a first load");
}

TEST_F(FenceLab, AGrantedStoreIsOneFault) {
  process->fork(ForkMode::cow).reset();
  load_all(*process);
  process->store(base, 1);
  expect_one_fault("the last owner's store");
}

TEST_F(FenceLab, ACopyingStoreIsOneFault) {
  child = process->fork(ForkMode::cow);
  load_all(*process);
  process->store(base, 1);
  expect_one_fault("a store that copies the page");
}

TEST_F(FenceLab, TheOldPageIsHeldUntilTheFence) {
  child_exits_at_the_fence(ForkMode::cow);
  process->store(base, 1);
  expect_fenced();
  expect_one_fault("a store that copies the page");
}

TEST_F(CalmFenceLab, AStoreFaultForgetsOnePage) {
  child = process->fork(ForkMode::cow);
  load_all(*process);
  process->store(base, 1);
  expect_one_fault("a store that copies the page");
  child.reset();
  process->store(filled[1], 1);
  expect_one_fault("the last owner's store");
  if (!caches(filled[2])) {
    lab::fail("a store fault at {:x} leaves the TLB what it knows of {:x}", "it has forgotten that too", base,
              filled[2]);
  }
}

TEST_F(FenceLab, AForkTakesWFromTheHartToo) {
  store_all(*process);
  child = process->fork(ForkMode::cow);
  for (const VirtAddr va : filled) process->store(va, 20);
  for (const VirtAddr va : filled) {
    const std::uint64_t seen = child->load(va).value_or(0);
    if (seen != va.value()) {
      return lab::fail("after a fork the parent's store at {:x} faults, and the child keeps {:x}",
                       "the store went through an old translation, and the child reads {:x}", va, va.value(), seen);
    }
  }
}

TEST_F(FenceLab, AForkFencesOnceAndAnEagerOneNever) {
  expect_fences(fences([&] { process->fork(ForkMode::eager).reset(); }), 0, "a fork in mode eager");
  expect_fences(fences([&] { child = process->fork(ForkMode::cow); }), 1, "a fork in mode cow");
  child.reset();
  expect_fences(fences([&] { child = process->fork(ForkMode::on_demand); }), 1, "a fork in mode on_demand");
}

// map_frame(), whose own fence is given, asks for the table: so this is about the table alone.
TEST_F(FenceLab, ACopiedTableIsUsedAtOnce) {
  const Ppn page = machine.new_file_page(7);
  child = process->fork(ForkMode::on_demand);
  load_all(*process);  // the TLB has the way through the shared tables
  EXPECT_TRUE(process->map_frame(untouched, page));
  const std::uint64_t seen = process->load(untouched).value_or(0);
  if (seen != 7 || !process->faults().empty()) {
    lab::fail("a page that was put into a copied table is there at once", "the load took {} faults, and read {:x}",
              process->faults().size(), seen);
  }
}

TEST_F(FenceLab, ANewTableIsUsedAtOnce) {
  const Ppn page = machine.new_file_page(7);
  process->load(elsewhere);  // refused; the TLB has seen that there is no table
  EXPECT_TRUE(process->map(pages(elsewhere), rw));
  EXPECT_TRUE(process->map_frame(elsewhere, page));
  const std::uint64_t seen = process->load(elsewhere).value_or(0);
  if (seen != 7 || !process->faults().empty()) {
    lab::fail("a page that was put into a new table is there at once", "the load took {} faults, and read {:x}",
              process->faults().size(), seen);
  }
}

TEST_F(FenceLab, TheOldTableIsHeldUntilTheFence) {
  const Ppn page = machine.new_file_page(7);
  child_exits_at_the_fence(ForkMode::on_demand);
  EXPECT_TRUE(process->map_frame(untouched, page));
  expect_fenced();
  process->load(untouched);
}

TEST_F(FenceLab, AnUnmappedPageIsGone) {
  child = process->fork(ForkMode::cow);
  load_all(*process);
  EXPECT_TRUE(process->unmap(pages(base, 3)));
  for (const VirtAddr va : filled) {
    if (process->load(va)) return lab::fail("a load from {:x}, which is unmapped, is refused", "it reads", va);
  }
}

TEST_F(FenceLab, AnUnmappedPageIsHeldUntilTheFence) {
  child_exits_at_the_fence(ForkMode::cow);
  EXPECT_TRUE(process->unmap(pages(base)));
  expect_fenced();
}

TEST_F(FenceLab, UnmappingFencesOnce) {
  expect_fences(fences([&] { EXPECT_TRUE(process->unmap(pages(base, 3))); }), 1, "munmap of three pages");
}

TEST_F(FenceLab, AReadOnlyPageRefusesStores) {
  store_all(*process);
  EXPECT_TRUE(process->protect(pages(base, 3), ro));
  for (const VirtAddr va : filled) {
    if (process->store(va, 1))
      return lab::fail("a store to {:x}, which is read-only now, is refused", "it is done", va);
  }
}

TEST_F(FenceLab, ProtectingFencesOnce) {
  expect_fences(fences([&] { EXPECT_TRUE(process->protect(pages(base, 3), ro)); }), 1, "mprotect of three pages");
}

TEST_F(FenceLab, AMovedPageIsGoneFromItsOldPlace) {
  EXPECT_TRUE(process->map(pages(base + 3 * page_size), rw));  // in the way, so mremap must move
  load_all(*process);
  const Result<VirtAddr> there = process->remap(pages(base, 3), 8 * page_size, true);
  ASSERT_TRUE(there && *there != base);
  for (const VirtAddr va : filled) {
    if (process->load(va)) return lab::fail("a load from {:x}, whose page has moved, is refused", "it reads", va);
  }
}

}  // namespace
}  // namespace ox
