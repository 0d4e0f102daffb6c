// Tests that tell the right kernel from each of the twelve broken ones of the lab "mutants". One behaviour a test.
#include "labs/mutants.h"

namespace ox {
namespace {

// --- fork

TEST_F(MutantsLab, AfterAForkTheParentsStoreIsItsOwn) {
  EXPECT_TRUE(parent->store(base, 1));
  auto child = parent->fork(ForkMode::cow);
  EXPECT_TRUE(parent->store(base, 2));
  EXPECT_EQ(child->load(base), 1u);
}

TEST_F(MutantsLab, ThatHoldsForEachOfManyPages) {
  for (unsigned i = 0; i < 64; ++i) EXPECT_TRUE(parent->store(page(i), i));
  auto child = parent->fork(ForkMode::cow);
  for (unsigned i = 0; i < 64; ++i) EXPECT_TRUE(parent->store(page(i), 100));
  for (unsigned i = 0; i < 64; ++i) EXPECT_EQ(child->load(page(i)), i);
}

TEST_F(MutantsLab, TheLastOwnerWritesInPlace) {
  EXPECT_TRUE(parent->store(base, 1));
  const Ppn before = parent->frame(base);
  parent->fork(ForkMode::cow).reset();
  EXPECT_TRUE(parent->store(base, 2));
  EXPECT_EQ(parent->frame(base), before);
}

TEST_F(MutantsLab, AnEagerForkSharesASharedFile) {
  const auto file = machine.new_file(7, 1, 1);
  EXPECT_TRUE(parent->map_file(pages(nowhere), rw, RegionKind::shared, file));
  EXPECT_TRUE(parent->store(nowhere, 1));
  auto child = parent->fork(ForkMode::eager);
  EXPECT_TRUE(child->store(nowhere, 2));
  EXPECT_EQ(parent->load(nowhere), 2u);
}

TEST_F(MutantsLab, AForkWithoutMemoryLosesNoFrame) {
  EXPECT_TRUE(parent->store(base, 1));
  EXPECT_TRUE(parent->store(far, 1));
  machine.leave_free(2);
  EXPECT_EQ(parent->fork(ForkMode::cow), nullptr);
  EXPECT_EQ(machine.free_frames(), 2u);
}

TEST_F(MutantsLab, AfterAFamilysExitAllTablesComeBack) {
  const std::size_t free = machine.free_frames();
  auto mother = machine.new_process();
  EXPECT_TRUE(mother->map(pages(base), rw));
  EXPECT_TRUE(mother->store(base, 1));
  auto child = mother->fork(ForkMode::on_demand);
  EXPECT_TRUE(child->store(base, 2));
  child.reset();
  mother.reset();
  EXPECT_EQ(machine.free_frames(), free);
}

// --- the kernel's own accesses

TEST_F(MutantsLab, TheKernelsWriteReachesOneProcess) {
  EXPECT_TRUE(parent->store(base, 1));
  auto child = parent->fork(ForkMode::cow);
  EXPECT_TRUE(parent->write(base, 2));
  EXPECT_EQ(child->load(base), 1u);
}

// --- munmap, mprotect, mremap, brk

TEST_F(MutantsLab, AChildsUnmappingTakesNothingFromTheParent) {
  EXPECT_TRUE(parent->store(base, 1));
  EXPECT_TRUE(parent->store(far, 2));
  auto child = parent->fork(ForkMode::on_demand);
  EXPECT_TRUE(child->unmap({base, far + page_size}));
  EXPECT_EQ(parent->load(base), 1u);
  EXPECT_EQ(parent->load(far), 2u);
}

TEST_F(MutantsLab, AProtectedPageOfASharedFileStaysShared) {
  const auto file = machine.new_file(7, 1, 1);
  EXPECT_TRUE(parent->map_file(pages(nowhere), rw, RegionKind::shared, file));
  EXPECT_TRUE(parent->store(nowhere, 1));
  EXPECT_TRUE(parent->protect(pages(nowhere), ro));
  EXPECT_TRUE(parent->protect(pages(nowhere), rw));
  EXPECT_TRUE(parent->store(nowhere, 2));
  EXPECT_EQ(parent->frame(nowhere), file->frame(0));
}

TEST_F(MutantsLab, AHeapThatGrowsAgainIsZero) {
  parent->in_kernel([](AddressSpace& space) {
    space.set_heap(nowhere);
    return 0;
  });
  parent->set_heap_end(nowhere + 2 * page_size);
  EXPECT_TRUE(parent->store(nowhere + page_size, 5));
  parent->set_heap_end(nowhere + page_size);
  parent->set_heap_end(nowhere + 2 * page_size);
  EXPECT_EQ(parent->load(nowhere + page_size), 0u);
}

TEST_F(MutantsLab, TheRestOfAFilesMappingShowsTheSamePages) {
  const auto file = machine.new_file(7, 4, 4);
  EXPECT_TRUE(parent->map_file(pages(nowhere, 4), ro, RegionKind::mapping, file));
  EXPECT_TRUE(parent->unmap(pages(nowhere)));
  EXPECT_EQ(parent->load(nowhere + 2 * page_size), 9u);
}

// The first move makes page tables at the new place, which fences too. The second finds them there.
TEST_F(MutantsLab, AMovedPageIsGoneFromItsOldPlace) {
  const VirtAddr second = nowhere + 4 * page_size;
  for (const VirtAddr va : {nowhere, second}) {
    EXPECT_TRUE(parent->map(pages(va), rw));
    EXPECT_TRUE(parent->map(pages(va + page_size), ro));  // in the way
    EXPECT_TRUE(parent->store(va, 1));
    EXPECT_TRUE(parent->remap(pages(va), 2 * page_size, true));
  }
  EXPECT_EQ(parent->load(second), std::nullopt);
}

}  // namespace
}  // namespace ox
