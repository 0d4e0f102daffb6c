// Mappings of files, private and shared; memory that is moved or discarded (rules 3, 11 and 14).
#include <gtest/gtest.h>

#include <array>

#include "sim/process.h"

namespace ox {
namespace {

using namespace sim;

constexpr VirtAddr base{0x10'0000};
constexpr std::uint64_t word = 700;  // each word of the file's first page; the next page has this value plus 1

class Mapping : public testing::TestWithParam<ForkMode> {
 protected:
  Machine machine{64};
  Ref<File> file = machine.new_file(word, 4, 4);
  std::unique_ptr<Process> process = machine.new_process();

  std::unique_ptr<Process> fork() { return process->fork(GetParam()); }
  void map(Prot prot, RegionKind kind, std::uint32_t first_page = 0) {
    ASSERT_TRUE(process->map_file(pages(base, 4), prot, kind, file, first_page));
  }
  unsigned count_regions() {
    unsigned count = 0;
    process->space().regions().for_each([&](const Region&) { ++count; });
    return count;
  }
};

INSTANTIATE_TEST_SUITE_P(, Mapping, testing::Values(ForkMode::eager, ForkMode::cow, ForkMode::on_demand),
                         testing::PrintToStringParamName());

TEST_P(Mapping, ALoadFromAFileSharesItsFrame) {
  map(rw, RegionKind::mapping, 1);
  EXPECT_EQ(process->load(base), word + 1);
  EXPECT_EQ(process->faults(), std::vector{FaultOutcome::mapped_file});
  EXPECT_EQ(process->frame(base), file->frame(1));
  EXPECT_EQ(process->count(base), 2u) << "the file's handle and the mapping";
  EXPECT_EQ(machine.pages_copied(), 0u);
}

TEST_P(Mapping, AStoreToAPrivateMappingCopiesAndTheFileStays) {
  map(rw, RegionKind::mapping);
  EXPECT_TRUE(process->store(base, 5));
  EXPECT_EQ(process->faults(), std::vector{FaultOutcome::copied}) << "one fault, not two";
  EXPECT_NE(process->frame(base), file->frame(0));
  EXPECT_EQ(*reinterpret_cast<std::uint64_t*>(to_pointer(file->frame(0))), word);
}

TEST_P(Mapping, AnAccessBehindTheEndOfTheFileIsDenied) {
  map(rw, RegionKind::mapping, 2);
  EXPECT_EQ(process->load(base + page_size), word + 3);
  EXPECT_FALSE(process->load(base + 2 * page_size));
  EXPECT_EQ(process->faults(), std::vector{FaultOutcome::past_end});
  EXPECT_EQ(process->write(base + 2 * page_size, 1).error(), Errno::efault);
}

TEST_P(Mapping, AWriteToASharedMappingIsReadByTheOtherProcess) {
  map(rw, RegionKind::shared);
  EXPECT_TRUE(process->store(base, 5));
  EXPECT_EQ(process->faults(), std::vector{FaultOutcome::granted});
  const auto child = fork();
  EXPECT_TRUE(child->store(base, 6));
  EXPECT_EQ(process->load(base), 6u);
  EXPECT_TRUE(child->store(base + page_size, 7)) << "a page that nobody touched before the fork";
  EXPECT_EQ(process->load(base + page_size), 7u);
  EXPECT_EQ(process->frame(base), file->frame(0));
  EXPECT_EQ(child->frame(base), file->frame(0));
  EXPECT_EQ(machine.pages_copied(), 0u);
}

TEST_P(Mapping, AForkTakesTheWOfSharedPagesTooAndTheNextStoreGrants) {
  map(rw, RegionKind::shared);
  EXPECT_TRUE(process->store(base, 5));
  const auto child = fork();
  if (GetParam() != ForkMode::eager) {
    EXPECT_FALSE(process->leaf(base).is_writable());
  }
  EXPECT_TRUE(process->store(base, 6));
  EXPECT_EQ(child->load(base), 6u);
  EXPECT_TRUE(process->leaf(base).is_writable());
}

TEST_P(Mapping, ASharedMappingStaysSharedThroughProtect) {
  map(rw, RegionKind::shared);
  EXPECT_TRUE(process->store(base, 5));
  const auto child = fork();
  ASSERT_TRUE(process->protect(pages(base, 4), ro));
  EXPECT_FALSE(process->store(base, 6));
  ASSERT_TRUE(process->protect(pages(base, 4), rw));
  EXPECT_TRUE(process->store(base, 7));
  EXPECT_EQ(child->load(base), 7u);
}

TEST_P(Mapping, AViewOfAFileNeverGetsWrite) {
  map(ro, RegionKind::shared_view);
  EXPECT_EQ(process->load(base), word);
  EXPECT_EQ(process->protect(pages(base, 4), rw).error(), Errno::eacces);
  EXPECT_TRUE(process->protect(pages(base, 4), ro));
  EXPECT_FALSE(process->store(base, 6));
  EXPECT_EQ(process->load(base), word);
  ASSERT_TRUE(process->map(pages(base - page_size), ro));
  EXPECT_TRUE(process->protect(pages(base - page_size), rw)) << "only the page before the view";
}

TEST_P(Mapping, KernelsWritesReachASharedMapping) {
  map(rw, RegionKind::shared);
  const auto child = fork();
  ASSERT_TRUE(process->write(base, 9));
  EXPECT_EQ(child->load(base), 9u);
}

// A file that records when its last reference is gone.
struct Watched final : sim::HostSource {
  explicit Watched(bool& gone) : gone_(gone) {}
  ~Watched() override { gone_ = true; }
  Result<FrameRef> page(std::uint64_t) override { return Errno::einval; }
  bool& gone_;
};

TEST_P(Mapping, AFileIsHeldAsLongAsSomebodyMapsIt) {
  bool gone = false;
  auto source = Ref<PageSource>::adopt(new Watched(gone));
  ASSERT_TRUE(process->in_kernel(
      [&](AddressSpace& space) { return space.map(pages(base, 4), rw, RegionKind::mapping, std::move(source), 0); }));
  auto child = fork();
  ASSERT_TRUE(process->unmap(pages(base + page_size)));
  ASSERT_TRUE(process->protect(pages(base), ro));
  ASSERT_TRUE(process->unmap(pages(base, 4)));
  EXPECT_FALSE(gone) << "the child still maps the file";
  child.reset();
  EXPECT_TRUE(gone);
}

TEST_P(Mapping, AListOfRegionsThatCannotBeMadeHoldsNoFile) {
  bool gone = false;
  auto source = Ref<PageSource>::adopt(new Watched(gone));
  const auto map_page = [&](unsigned number) {
    return process->in_kernel([&](AddressSpace& space) {
      return space.map(pages(base + 2 * number * page_size), rw, RegionKind::mapping, source, 0);
    });
  };
  for (unsigned number = 0; number < Regions::block_capacity; ++number) ASSERT_TRUE(map_page(number));
  machine.leave_free(1);  // room for an index, but not for a block
  EXPECT_EQ(map_page(Regions::block_capacity).error(), Errno::enomem);
  machine.release_hoard();
  ASSERT_TRUE(process->unmap(pages(base, 2 * Regions::block_capacity)));
  source = {};
  EXPECT_TRUE(gone);
}

TEST_P(Mapping, ACutMappingKeepsThePlacesOfItsPages) {
  map(ro, RegionKind::mapping);
  ASSERT_TRUE(process->unmap(pages(base + page_size)));
  EXPECT_EQ(process->load(base + 2 * page_size), word + 2);
  EXPECT_EQ(process->load(base), word);
  EXPECT_EQ(count_regions(), 2u);
  ASSERT_TRUE(process->map_file(pages(base + page_size), ro, RegionKind::mapping, file, 1));
  EXPECT_EQ(count_regions(), 1u) << "neighbours that fit together merge";
  EXPECT_EQ(process->load(base + page_size), word + 1);
}

TEST_P(Mapping, NeighboursOfOneFileThatDoNotFitStayTwo) {
  ASSERT_TRUE(process->map_file(pages(base), ro, RegionKind::mapping, file, 0));
  ASSERT_TRUE(process->map_file(pages(base + page_size), ro, RegionKind::mapping, file, 0));
  EXPECT_EQ(process->load(base + page_size), word);
}

TEST_P(Mapping, DiscardedMemoryIsAsAtFirst) {
  ASSERT_TRUE(process->map(pages(base + 8 * page_size, 2), rw));
  EXPECT_TRUE(process->store(base + 8 * page_size, 5));
  const auto child = fork();
  ASSERT_TRUE(process->discard(pages(base + 8 * page_size, 2)));
  EXPECT_EQ(process->load(base + 8 * page_size), 0u);
  EXPECT_EQ(child->load(base + 8 * page_size), 5u);
  map(rw, RegionKind::mapping);
  EXPECT_TRUE(process->store(base, 5));
  ASSERT_TRUE(process->discard(pages(base)));
  EXPECT_EQ(process->load(base), word);
  EXPECT_TRUE(process->store(base, 6));
  EXPECT_EQ(process->discard(pages(base, 5)).error(), Errno::enomem) << "the last page is not mapped";
  EXPECT_EQ(process->load(base), word) << "but the other pages are discarded, as on Linux";
}

// --- remap

TEST_P(Mapping, MemoryGrowsWhereThereIsRoom) {
  ASSERT_TRUE(process->map(pages(base, 2), rw));
  EXPECT_TRUE(process->store(base, 5));
  EXPECT_EQ(*process->remap(pages(base, 2), 4 * page_size, false), base);
  EXPECT_TRUE(process->store(base + 3 * page_size, 6));
  EXPECT_EQ(count_regions(), 1u);
  EXPECT_EQ(*process->remap(pages(base, 4), page_size, false), base) << "and shrinks";
  EXPECT_FALSE(process->load(base + page_size));
  EXPECT_EQ(process->load(base), 5u);
}

TEST_P(Mapping, MemoryMovesWithItsPages) {
  ASSERT_TRUE(process->map(pages(base, 3), rw));
  ASSERT_TRUE(process->map(pages(base + 3 * page_size), ro));
  EXPECT_TRUE(process->store(base, 5));
  EXPECT_TRUE(process->store(base + 2 * page_size, 7));
  EXPECT_EQ(process->load(base + 3 * page_size), 0u);
  const auto child = fork();
  const Ppn frame = process->frame(base);
  EXPECT_EQ(process->remap(pages(base, 3), 4 * page_size, false).error(), Errno::enomem);
  const VirtAddr there = *process->remap(pages(base, 3), 600 * page_size, true);
  EXPECT_EQ(process->frame(there), frame) << "nothing is copied";
  EXPECT_EQ(process->load(there), 5u);
  EXPECT_EQ(process->load(there + page_size), 0u);
  EXPECT_TRUE(process->store(there + 2 * page_size, 8));
  EXPECT_FALSE(process->load(base)) << "nothing is mapped at the old address";
  EXPECT_EQ(process->frame(base + 3 * page_size), machine.zero()) << "what is behind it stays";
  EXPECT_EQ(child->load(base), 5u);
  EXPECT_EQ(child->load(base + 2 * page_size), 7u);
}

TEST_P(Mapping, AMoveOfGigabytesMovesTheFewPagesThatAreThere) {
  constexpr std::uint64_t gib = 1 << 18;  // in pages
  const std::array there_are{base, base + 511 * page_size, base + (gib + 3) * page_size,
                             base + (3 * gib - 1) * page_size};
  ASSERT_TRUE(process->map(pages(base, 3 * gib), rw));
  ASSERT_TRUE(process->map(pages(base + 3 * gib * page_size), ro));
  for (const VirtAddr va : there_are) EXPECT_TRUE(process->store(va, va.value()));
  const auto child = fork();
  const VirtAddr there = *process->remap(pages(base, 3 * gib), 4 * gib * page_size, true);
  for (const VirtAddr va : there_are) {
    EXPECT_EQ(process->load(there + (va - base)), va.value());
    EXPECT_EQ(process->load(there + (va - base) + page_size), 0u);
    EXPECT_FALSE(process->load(va));
    EXPECT_EQ(child->load(va), va.value());
  }
}

TEST_P(Mapping, WhereMemoryWasIsFencedWhenItMoves) {
  ASSERT_TRUE(process->map(pages(base, 3), rw));
  ASSERT_TRUE(process->map(pages(base + 3 * page_size), ro));
  ASSERT_TRUE(process->map(pages(stack_limit - page_size), rw));
  EXPECT_TRUE(process->store(stack_limit - page_size, 1));  // so that the move needs no new table, which would fence
  EXPECT_TRUE(process->store(base, 5));
  const VirtAddr there = *process->remap(pages(base, 3), 4 * page_size, true);
  EXPECT_EQ(there, stack_limit - 5 * page_size);
  EXPECT_FALSE(process->load(base));
  EXPECT_EQ(process->load(there), 5u);
}

TEST_P(Mapping, AFilesPagesMoveWithTheirPlaces) {
  map(rw, RegionKind::shared, 1);
  const VirtAddr there = *process->remap(pages(base + page_size), 2 * page_size, true);
  EXPECT_EQ(process->load(there), word + 2);
  EXPECT_EQ(process->load(there + page_size), word + 3);
  EXPECT_EQ(process->load(base), word + 1) << "the rest stays";
}

TEST_P(Mapping, MemoryOfSeveralRegionsDoesNotMove) {
  ASSERT_TRUE(process->map(pages(base), rw));
  ASSERT_TRUE(process->map(pages(base + page_size), ro));
  EXPECT_EQ(process->remap(pages(base, 2), 4 * page_size, true).error(), Errno::efault);
  EXPECT_EQ(*process->remap(pages(base, 2), page_size, true), base) << "but may shrink, as on Linux";
  EXPECT_FALSE(process->load(base + page_size));
  EXPECT_EQ(process->remap(pages(base + 9 * page_size), page_size, true).error(), Errno::efault);
}

TEST_P(Mapping, AMoveThatLacksMemoryChangesNothing) {
  ASSERT_TRUE(process->map(pages(base, 2), rw));
  ASSERT_TRUE(process->map(pages(base + 2 * page_size), ro));
  EXPECT_TRUE(process->store(base, 5));
  EXPECT_TRUE(process->store(base + page_size, 6));
  const auto child = fork();
  unsigned failures = 0;
  for (std::size_t free = 0;; ++free) {
    machine.leave_free(free);
    const Result<VirtAddr> there = process->remap(pages(base, 2), 4 * page_size, true);
    machine.release_hoard();
    const VirtAddr where = there ? *there : base;
    EXPECT_EQ(process->load(where), 5u);
    EXPECT_EQ(process->load(where + page_size), 6u);
    if (there) break;
    EXPECT_EQ(there.error(), Errno::enomem);
    ++failures;
  }
  EXPECT_GT(failures, 2u);
}

}  // namespace
}  // namespace ox
