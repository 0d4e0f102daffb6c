// Regions, and the calls that change them: mmap, munmap, mprotect, brk (kernel/vm/space.cpp, regions.cpp, unmap.cpp).
#include "vm/space.h"

#include <gtest/gtest.h>

#include "sim/process.h"

namespace ox {
namespace {

using namespace sim;
using Outcomes = std::vector<FaultOutcome>;

constexpr VirtAddr base{0x4000'0000};  // a level-1 table and a level-0 table begin here
constexpr std::uint64_t table_pages = table_entries;

class Space : public testing::Test {
 protected:
  Space() : process(machine.new_process()) {}

  // The regions as "start-end rwx", in pages from `base`.
  std::string regions() {
    std::string all;
    process->space().regions().for_each([&](const Region& region) {
      const auto page = [](VirtAddr va) { return std::to_string(static_cast<std::int64_t>(va - base) / 4096); };
      if (!all.empty()) all += ", ";
      all += page(region.range.start) + "-" + page(region.range.end) + " ";
      all += region.prot.read ? "r" : "-";
      all += region.prot.write ? "w" : "-";
      all += region.prot.execute ? "x" : "-";
    });
    return all;
  }
  static VirtRange at(std::uint64_t first, std::uint64_t end) {
    return {base + first * page_size, base + end * page_size};
  }
  static VirtAddr page(std::uint64_t number) { return base + number * page_size; }

  Machine machine{128, {}, 2};
  std::unique_ptr<Process> process;
};

TEST_F(Space, RegionsAreSortedAndNeighboursMerge) {
  ASSERT_TRUE(process->map(at(4, 6), rw));
  ASSERT_TRUE(process->map(at(0, 2), rw));
  ASSERT_TRUE(process->map(at(8, 9), ro));
  EXPECT_EQ(regions(), "0-2 rw-, 4-6 rw-, 8-9 r--");
  ASSERT_TRUE(process->map(at(2, 4), rw));
  EXPECT_EQ(regions(), "0-6 rw-, 8-9 r--");
  ASSERT_TRUE(process->map(at(6, 8), rw));
  EXPECT_EQ(regions(), "0-8 rw-, 8-9 r--");
}

TEST_F(Space, FindKnowsEdges) {
  ASSERT_TRUE(process->map(at(2, 4), rw));
  const Regions& list = process->space().regions();
  EXPECT_EQ(list.find(page(2) - 1), nullptr);
  EXPECT_NE(list.find(page(2)), nullptr);
  EXPECT_NE(list.find(page(4) - 1), nullptr);
  EXPECT_EQ(list.find(page(4)), nullptr);
  EXPECT_EQ(list.find(VirtAddr(0)), nullptr);
}

TEST_F(Space, MapRefusesWhatOverlapsOrIsOutside) {
  ASSERT_TRUE(process->map(at(2, 4), rw));
  EXPECT_EQ(process->map(at(3, 5), rw).error(), Errno::eexist);
  EXPECT_EQ(process->map(at(1, 3), rw).error(), Errno::eexist);
  EXPECT_EQ(process->map(at(0, 9), rw).error(), Errno::eexist);
  EXPECT_EQ(process->map(at(5, 5), rw).error(), Errno::einval);
  EXPECT_EQ(process->map(pages(user_start - page_size), rw).error(), Errno::einval);
  EXPECT_EQ(process->map(pages(user_end), rw).error(), Errno::einval);
  EXPECT_EQ(process->map(pages(VirtAddr(0)), rw).error(), Errno::einval);
  EXPECT_EQ(process->map({page(9), page(7)}, rw).error(), Errno::einval);
  EXPECT_TRUE(process->map(pages(user_start), rw));
  EXPECT_TRUE(process->map(pages(user_end - page_size), rw));
}

TEST_F(Space, WriteWithExecuteIsRefused) {
  const Prot rwx{.read = true, .write = true, .execute = true};
  EXPECT_EQ(process->map(at(0, 1), rwx).error(), Errno::eacces);
  ASSERT_TRUE(process->map(at(0, 1), rw));
  EXPECT_EQ(process->protect(at(0, 1), rwx).error(), Errno::eacces);
  EXPECT_EQ(process->protect(at(0, 1), {.write = true, .execute = true}).error(), Errno::eacces);
}

TEST_F(Space, TheHighestGapBelowTheStackIsTaken) {
  const auto anywhere = [&](std::uint64_t size) {
    return process->in_kernel([&](AddressSpace& space) -> Result<VirtAddr> {
      const VirtRange gap = TRY(space.find_gap(size));
      TRY(space.map(gap, rw, RegionKind::mapping));
      return gap.start;
    });
  };
  EXPECT_EQ(*anywhere(2 * page_size), stack_limit - 2 * page_size);
  ASSERT_TRUE(process->map(pages(stack_limit - 5 * page_size), ro));
  EXPECT_EQ(*anywhere(2 * page_size), stack_limit - 4 * page_size);
  EXPECT_EQ(*anywhere(page_size), stack_limit - 6 * page_size);
  EXPECT_EQ(anywhere(0).error(), Errno::enomem);
  EXPECT_EQ(anywhere(user_end - VirtAddr()).error(), Errno::enomem);
  EXPECT_EQ(anywhere(stack_limit - user_start).error(), Errno::enomem) << "part of the range is mapped";
}

TEST_F(Space, UnmapCutsRegionsAndFreesPages) {
  const std::size_t frames = machine.free_frames();
  ASSERT_TRUE(process->map(at(0, 8), rw));
  for (std::uint64_t i = 0; i < 8; ++i) ASSERT_TRUE(process->store(page(i), i));
  EXPECT_EQ(machine.free_frames(), frames - 8 - 2 - block);
  ASSERT_TRUE(process->unmap(at(2, 5)));
  EXPECT_EQ(regions(), "0-2 rw-, 5-8 rw-");
  EXPECT_EQ(machine.free_frames(), frames - 5 - 2 - block);
  EXPECT_FALSE(process->load(page(2)));
  EXPECT_FALSE(process->store(page(4), 1));
  EXPECT_EQ(process->load(page(1)), 1u);
  EXPECT_EQ(process->load(page(5)), 5u);
}

TEST_F(Space, UnmappedMemoryComesBackAsZeros) {
  ASSERT_TRUE(process->map(at(0, 1), rw));
  ASSERT_TRUE(process->store(page(0), 1));
  ASSERT_TRUE(process->unmap(at(0, 1)));
  ASSERT_TRUE(process->map(at(0, 1), rw));
  EXPECT_EQ(process->load(page(0)), 0u);
}

TEST_F(Space, UnmapOfNothingIsFine) {
  EXPECT_TRUE(process->unmap(at(0, 100)));
  EXPECT_EQ(process->unmap(at(0, 0)).error(), Errno::einval);
  EXPECT_EQ(process->unmap(pages(VirtAddr(0))).error(), Errno::einval);
  EXPECT_EQ(process->unmap({base, user_end + page_size}).error(), Errno::einval);
  EXPECT_TRUE(process->unmap({user_start, user_end}));
}

TEST_F(Space, UnmapOfAWholeSharedTableCopiesNothing) {
  ASSERT_TRUE(process->map(at(0, 2 * table_pages), rw));
  ASSERT_TRUE(process->store(page(5), 1));
  ASSERT_TRUE(process->store(page(table_pages + 5), 2));
  auto child = process->fork(ForkMode::on_demand);
  const std::uint64_t copied = machine.tables_copied();
  ASSERT_TRUE(child->unmap({base, base + entry_span(2)}));
  EXPECT_EQ(machine.tables_copied(), copied) << "the root's entry is cleared; all below goes with it";
  EXPECT_EQ(process->load(page(5)), 1u);
  ASSERT_TRUE(process->unmap(at(0, table_pages)));
  EXPECT_EQ(machine.tables_copied(), copied);
  EXPECT_EQ(process->load(page(table_pages + 5)), 2u);
}

TEST_F(Space, UnmapInASharedTableCopiesTheEdgesOnly) {
  ASSERT_TRUE(process->map(at(0, 3 * table_pages), rw));
  for (const std::uint64_t i : {0u, 1u, 2u}) ASSERT_TRUE(process->store(page(i * table_pages + 5), i));
  ASSERT_TRUE(process->store(page(0), 7));
  auto child = process->fork(ForkMode::on_demand);
  const std::uint64_t copied = machine.tables_copied();
  ASSERT_TRUE(child->unmap(at(5, 2 * table_pages + 6)));
  EXPECT_EQ(machine.tables_copied(), copied + 3) << "the level-1 table and both level-0 tables at the edges";
  for (const std::uint64_t i : {0u, 1u, 2u}) {
    EXPECT_FALSE(child->load(page(i * table_pages + 5)));
    EXPECT_EQ(process->load(page(i * table_pages + 5)), i);
  }
  EXPECT_EQ(child->load(page(0)), 7u);
}

TEST_F(Space, UnmapTakesItFromThisProcessOnly) {
  for (const ForkMode mode : {ForkMode::eager, ForkMode::cow, ForkMode::on_demand}) {
    ASSERT_TRUE(process->map(at(0, 2), rw));
    ASSERT_TRUE(process->store(page(0), 1));
    auto child = process->fork(mode);
    ASSERT_TRUE(process->unmap(at(0, 2)));
    EXPECT_EQ(child->load(page(0)), 1u);
    EXPECT_TRUE(child->store(page(0), 2));
  }
}

TEST_F(Space, ProtectSplitsAndMerges) {
  ASSERT_TRUE(process->map(at(0, 8), rw));
  ASSERT_TRUE(process->protect(at(2, 4), ro));
  EXPECT_EQ(regions(), "0-2 rw-, 2-4 r--, 4-8 rw-");
  ASSERT_TRUE(process->protect(at(2, 4), rw));
  EXPECT_EQ(regions(), "0-8 rw-");
}

TEST_F(Space, ProtectOfAHoleIsRefusedAndChangesNothing) {
  ASSERT_TRUE(process->map(at(0, 2), rw));
  ASSERT_TRUE(process->map(at(3, 5), rw));
  ASSERT_TRUE(process->store(page(0), 1));
  EXPECT_EQ(process->protect(at(0, 5), ro).error(), Errno::enomem);
  EXPECT_EQ(process->protect(at(4, 6), ro).error(), Errno::enomem);
  EXPECT_EQ(process->protect(at(0, 0), ro).error(), Errno::enomem);
  EXPECT_EQ(process->protect(pages(user_end), ro).error(), Errno::enomem);
  EXPECT_TRUE(process->store(page(0), 2));
  EXPECT_EQ(process->faults(), Outcomes{});
}

TEST_F(Space, ProtectTakesEffectAtOnce) {
  ASSERT_TRUE(process->map(at(0, 2), rw));
  ASSERT_TRUE(process->store(page(0), 1));
  ASSERT_TRUE(process->store(page(1), 1));
  ASSERT_TRUE(process->protect(at(0, 1), ro));
  EXPECT_FALSE(process->store(page(0), 2));
  EXPECT_TRUE(process->store(page(1), 2));
  ASSERT_TRUE(process->protect(at(0, 1), none));
  EXPECT_FALSE(process->load(page(0)));
  ASSERT_TRUE(process->protect(at(0, 1), rw));
  EXPECT_EQ(process->load(page(0)), 1u) << "a page without access keeps its contents";
  EXPECT_TRUE(process->store(page(0), 3));
  EXPECT_EQ(process->faults(), Outcomes{FaultOutcome::granted});
}

TEST_F(Space, ProtectReadWriteNeverSetsWOnASharedPage) {
  for (const ForkMode mode : {ForkMode::cow, ForkMode::on_demand}) {
    ASSERT_TRUE(process->map(at(0, 1), rw));
    ASSERT_TRUE(process->store(page(0), 1));
    auto child = process->fork(mode);
    ASSERT_TRUE(child->protect(at(0, 1), ro));
    EXPECT_FALSE(child->store(page(0), 2));
    ASSERT_TRUE(child->protect(at(0, 1), rw));
    EXPECT_FALSE(child->leaf(page(0)).is_writable());
    EXPECT_TRUE(child->store(page(0), 2));
    EXPECT_EQ(process->load(page(0)), 1u);
    ASSERT_TRUE(process->unmap(at(0, 1)));
  }
}

TEST_F(Space, TheHeapGrowsShrinksAndForgets) {
  process->space().set_heap(page(0));
  EXPECT_EQ(process->set_heap_end(page(0) + 100), page(0) + 100);
  EXPECT_TRUE(process->store(page(0), 1));
  EXPECT_FALSE(process->store(page(1), 1));
  EXPECT_EQ(process->set_heap_end(page(3)), page(3));
  EXPECT_TRUE(process->store(page(2), 2));
  EXPECT_EQ(process->set_heap_end(page(2) + 1), page(2) + 1);
  EXPECT_EQ(process->load(page(2)), 2u) << "a page that the heap uses in part stays";
  EXPECT_EQ(process->set_heap_end(page(2)), page(2));
  EXPECT_FALSE(process->load(page(2)));
  EXPECT_EQ(process->set_heap_end(page(3)), page(3));
  EXPECT_EQ(process->load(page(2)), 0u);
  EXPECT_EQ(process->set_heap_end(page(0)), page(0));
  EXPECT_EQ(regions(), "");
}

TEST_F(Space, TheHeapStaysWithinItsBounds) {
  process->space().set_heap(page(0));
  ASSERT_TRUE(process->map(at(2, 3), ro));
  EXPECT_EQ(process->set_heap_end(page(2)), page(2));
  EXPECT_EQ(process->set_heap_end(page(2) + 1), page(2)) << "a mapping is in the way";
  EXPECT_EQ(process->set_heap_end(page(0) - 1), page(2)) << "below its start";
  EXPECT_EQ(process->set_heap_end(VirtAddr()), page(2));
  EXPECT_EQ(process->set_heap_end(stack_limit + 1), page(2));
  EXPECT_EQ(process->set_heap_end(VirtAddr(~std::uint64_t{0})), page(2));
}

TEST_F(Space, AChildsHeapIsItsParents) {
  process->space().set_heap(page(4));
  ASSERT_EQ(process->set_heap_end(page(6)), page(6));
  auto child = process->fork(ForkMode::on_demand);
  EXPECT_EQ(child->set_heap_end(page(4) - 1), page(6)) << "below its start";
  EXPECT_EQ(child->set_heap_end(page(7)), page(7));
  EXPECT_TRUE(child->store(page(6), 1));
  EXPECT_EQ(process->set_heap_end(VirtAddr()), page(6)) << "the parent's stays as it is";
}

TEST_F(Space, AFilesFrameIsMappedOnlyInARegionAndWhereNoneIs) {
  const Ppn file = machine.new_file_page(3);
  EXPECT_EQ(process->map_frame(page(0), file).error(), Errno::efault);
  ASSERT_TRUE(process->map(at(0, 2), ro));
  EXPECT_TRUE(process->map_frame(page(0), file));
  EXPECT_TRUE(process->map_frame(page(1), file));
  EXPECT_EQ(process->count(page(0)), 3u);
  EXPECT_EQ(process->map_frame(page(0), file).error(), Errno::eexist);
  EXPECT_EQ(process->load(page(1)), 3u);
  ASSERT_TRUE(process->unmap(at(0, 1)));
  EXPECT_EQ(process->count(page(1)), 2u);
}

TEST_F(Space, AMovedAddressSpaceHasTheSameMemory) {
  ASSERT_TRUE(process->map(at(0, 1), rw));
  ASSERT_TRUE(process->store(page(0), 1));
  const bool same = process->in_kernel([&](AddressSpace& space) {
    AddressSpace lent = std::move(space);
    const bool there = lent.read_user<std::uint64_t>(page(0)).value_or(0) == 1;
    std::destroy_at(&space);
    std::construct_at(&space, std::move(lent));
    return there;
  });
  EXPECT_TRUE(same);
  EXPECT_EQ(process->load(page(0)), 1u);
}

}  // namespace
}  // namespace ox
