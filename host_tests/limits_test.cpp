// The last address and the smallest change that each call on an address space accepts, and the first that it refuses.
#include <gtest/gtest.h>

#include "sim/process.h"

namespace ox {
namespace {

using namespace sim;

constexpr VirtAddr base{0x10'0000};
constexpr VirtAddr last_page = user_end - page_size;

class Limits : public testing::Test {
 protected:
  Result<std::span<std::byte>> bytes(VirtAddr va, std::uint64_t size, Access access) {
    return process->in_kernel([&](AddressSpace& space) { return space.fault_in(va, size, access); });
  }

  Machine machine{64};
  std::unique_ptr<Process> process = machine.new_process();
};

TEST_F(Limits, TheLastPageOfUserMemoryCanBeProtectedDiscardedAndUnmapped) {
  ASSERT_TRUE(process->map(pages(last_page), rw));
  ASSERT_TRUE(process->store(last_page, 1));
  EXPECT_TRUE(process->protect(pages(last_page), ro));
  EXPECT_TRUE(process->discard(pages(last_page)));
  EXPECT_EQ(process->load(last_page), 0u);
  EXPECT_TRUE(process->unmap(pages(last_page)));
}

TEST_F(Limits, APageIsDiscardedWithoutALookAtItsNeighbours) {
  constexpr std::uint64_t pages_of_a_group = 16;  // from `base` on
  ASSERT_TRUE(process->map(pages(base, pages_of_a_group), rw));
  const auto looks = [&] {
    EXPECT_TRUE(process->store(base + 5 * page_size, 1));
    return process->in_kernel([](AddressSpace& space) {
      const unsigned before = current_steps;
      EXPECT_TRUE(space.discard(pages(base + 5 * page_size)));
      return current_steps - before;
    });
  };
  const unsigned alone = looks();
  for (std::uint64_t i = 0; i < pages_of_a_group; ++i) ASSERT_TRUE(process->store(base + i * page_size, 1));
  EXPECT_EQ(looks(), alone);
}

TEST_F(Limits, AGigabyteThatNobodyTouchedIsProtectedAtOnce) {
  const VirtRange gigabyte{VirtAddr(entry_span(2)), VirtAddr(2 * entry_span(2))};
  ASSERT_TRUE(process->map(gigabyte, rw));
  const unsigned looks = process->in_kernel([&](AddressSpace& space) {
    const unsigned before = current_steps;
    EXPECT_TRUE(space.protect(gigabyte, ro));
    return current_steps - before;
  });
  EXPECT_LT(looks, 100u) << "there is no table in which it could look";
}

TEST_F(Limits, ARangeThatEndsBeyondUserMemoryIsRefused) {
  ASSERT_TRUE(process->map(pages(last_page), rw));
  EXPECT_EQ(process->map(pages(last_page, 2), rw).error(), Errno::einval);
  EXPECT_EQ(process->protect(pages(last_page, 2), ro).error(), Errno::enomem);
  EXPECT_EQ(process->discard(pages(last_page, 2)).error(), Errno::enomem);
  EXPECT_EQ(process->unmap(pages(last_page, 2)).error(), Errno::einval);
  EXPECT_TRUE(process->store(last_page, 1));
}

TEST_F(Limits, DiscardLeavesTheKernelsHalfAlone) {
  const VirtRange kernels{VirtAddr(0xffff'ffc0'0000'0000), VirtAddr(0xffff'ffc0'4000'0000)};
  EXPECT_EQ(process->discard(kernels).error(), Errno::enomem);
}

// A caller in a loop would never end if it got no bytes and no error.
TEST_F(Limits, MemoryWithoutAccessHasNoBytes) {
  ASSERT_TRUE(process->map(pages(base), ro));
  const VirtAddr file = base + 8 * page_size;
  ASSERT_TRUE(process->map_file(pages(file, 2), ro, RegionKind::mapping, machine.new_file(1, 1, 1)));
  ASSERT_EQ(bytes(base, 8, Access::load).value_or(std::span<std::byte>{}).size(), 8u);
  EXPECT_EQ(bytes(user_end + 1, 1, Access::load).error(), Errno::efault);
  EXPECT_EQ(bytes(user_end - 4, 8, Access::load).error(), Errno::efault) << "the end is not the user's";
  EXPECT_EQ(bytes(base - 1, 1, Access::load).error(), Errno::efault) << "not mapped";
  EXPECT_EQ(bytes(base, 1, Access::store).error(), Errno::efault) << "may only be read";
  EXPECT_EQ(bytes(file + page_size, 1, Access::load).error(), Errno::efault) << "the file ends before it";
}

TEST_F(Limits, WithoutMemoryAnUntouchedPageHasNoBytes) {
  ASSERT_TRUE(process->map(pages(base), rw));
  machine.leave_free(0);
  EXPECT_EQ(bytes(base, 8, Access::store).error(), Errno::enomem);
  machine.release_hoard();
}

TEST_F(Limits, TheKernelReadsAndWritesUpToTheEndOfUserMemory) {
  ASSERT_TRUE(process->map(pages(last_page), rw));
  EXPECT_TRUE(process->write(user_end - 8, 5));
  EXPECT_EQ(*process->read(user_end - 8), 5u);
  EXPECT_EQ(process->read(user_end - 7).error(), Errno::efault);
}

TEST_F(Limits, UserMemoryWithNothingInItIsOneGap) {
  const VirtRange gap = *process->space().find_gap(stack_limit - user_start);
  EXPECT_EQ(gap.start, user_start);
  EXPECT_EQ(gap.end, stack_limit);
  EXPECT_EQ(process->space().find_gap(gap.size() + page_size).error(), Errno::enomem);
}

TEST_F(Limits, MemoryThatIsMovedToItsOwnSizeStaysWhereItIs) {
  ASSERT_TRUE(process->map(pages(base, 4), rw));
  EXPECT_EQ(*process->remap(pages(base, 2), 2 * page_size, false), base);
  EXPECT_EQ(*process->remap(pages(base, 4), 4 * page_size, false), base);
}

TEST_F(Limits, MemoryGrowsWhereItIsUpToTheStack) {
  const VirtAddr start = stack_limit - 2 * page_size;
  ASSERT_TRUE(process->map(pages(start), rw));
  EXPECT_EQ(*process->remap(pages(start), 2 * page_size, false), start);
  EXPECT_EQ(process->remap(pages(start, 2), 3 * page_size, false).error(), Errno::enomem);
}

TEST_F(Limits, TheHeapGrowsUpToTheStack) {
  process->space().set_heap(stack_limit - 2 * page_size);
  EXPECT_EQ(process->set_heap_end(stack_limit), stack_limit);
  EXPECT_EQ(process->set_heap_end(stack_limit + 1), stack_limit);
}

}  // namespace
}  // namespace ox
