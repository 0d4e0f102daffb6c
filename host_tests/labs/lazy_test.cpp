// Graded tests of memory that comes by its first touch: zeros, permissions, the stack. One behaviour a test.
#include "labs/lazy.h"

namespace ox {
namespace {

using namespace sim;

// The gate: the skeleton can do this already. It gives no points, and without it there are none.
class MappedMemory : public testing::Test {
 protected:
  MappedMemory() : process(machine.new_process()) {
    machine.set_lenient();
    EXPECT_TRUE(process->map(pages(lazy_base, 20), rw));
  }
  Machine machine{100};
  std::unique_ptr<Process> process;
};

TEST_F(MappedMemory, KeepsWhatIsStored) {
  ASSERT_TRUE(process->store(lazy_base, 5));
  EXPECT_EQ(process->load(lazy_base), 5u);
  EXPECT_EQ(process->load(lazy_base + 8), 0u);
}

TEST_F(MappedMemory, ComesBack) {
  ASSERT_TRUE(process->store(lazy_base, 5));
  const std::size_t free = machine.free_frames();
  EXPECT_TRUE(process->map(pages(VirtAddr(0x10'0000), 20), rw));
  EXPECT_TRUE(process->unmap(pages(VirtAddr(0x10'0000), 20)));
  EXPECT_GE(machine.free_frames() + 2, free) << "two page tables may stay";
}

TEST_F(LazyLab, ARegionIsAPromise) {
  const std::size_t free = machine.free_frames();
  map();
  if (!process->map(pages(VirtAddr(0x1'0000'0000), std::uint64_t{1} << 22), rw)) {
    lab::fail("mmap of 16 GiB succeeds: it only promises", "it fails");
  }
  if (const std::size_t taken = free - machine.free_frames(); taken > 4) {
    lab::fail("both regions together take 4 frames at most, for the list of regions", "they take {}", taken);
  }
}

TEST_F(LazyLab, ALoadReadsZeros) {
  map();
  for (const std::uint64_t number : touched) {
    expect_word(page(number), 0);
    expect_word(page(number) + page_size - 8, 0);
  }
}

TEST_F(LazyLab, ALoadTakesNoPage) {
  map();
  const std::size_t free = machine.free_frames();
  for (std::uint64_t number = 0; number < lazy_pages; ++number) {
    expect_word(page(number), 0);
    if (process->frame(page(number)) != machine.zero()) {
      lab::fail("a load at {:x} maps the zero frame {:x}", "frame {:x} is there", page(number), machine.zero(),
                process->frame(page(number)));
    }
    if (HasFailure()) return;
  }
  if (const std::size_t taken = free - machine.free_frames(); taken > 3) {
    lab::fail("{} loads take 3 frames, for page tables", "they take {}", lazy_pages, taken);
  }
}

TEST_F(LazyLab, TheZeroFrameIsCounted) {
  map();
  const Frame& record = machine.memory().frames.record(machine.zero());
  const std::uint32_t before = record.count.load(relaxed);
  for (const std::uint64_t number : touched) expect_word(page(number), 0);
  if (const std::uint32_t now = record.count.load(relaxed); now != before + touched.size()) {
    lab::fail("{} entries name the zero frame, so its count is {}", "it is {}", touched.size(), before + touched.size(),
              now);
  }
}

TEST_F(LazyLab, AStoreGetsAPageOfItsOwn) {
  map();
  for (const std::uint64_t number : touched) {
    if (!store(page(number) + 8, number + 1)) return;
    expect_word(page(number), 0);
    expect_word(page(number) + 8, number + 1);
    if (const auto count = process->count(page(number)); count != 1) {
      lab::fail("after a store at {:x} its frame has count 1", "it has count {}", page(number), count);
    }
  }
  expect_no_page(2);
  expect_no_page(510);
}

TEST_F(LazyLab, OneStoreIsOneFault) {
  map();
  if (!store(page(3), 1)) return;
  if (const std::size_t faults = process->faults().size(); faults != 1) {
    lab::fail("the first store to a page is one fault: the page comes with W", "it is {} faults", faults);
  }
  if (!process->faults().empty() && process->faults().back() != FaultOutcome::zeroed) {
    lab::fail("the fault answers zeroed", "it answers something else");
  }
}

TEST_F(LazyLab, AStoreAfterALoadChangesThatPageOnly) {
  map();
  for (const std::uint64_t number : touched) expect_word(page(number), 0);
  if (!store(page(17), 7)) return;
  expect_word(page(17), 7);
  expect_word(page(17) + 8, 0);
  for (const std::uint64_t number : touched) {
    if (number != 17) expect_word(page(number), 0);
  }
  expect_word(page(40), 0);
}

TEST_F(LazyLab, OutsideOfEveryRegionIsRefused) {
  map();
  expect_refused(process->store(lazy_base + lazy_pages * page_size, 1), lazy_pages, "a store behind the region");
  for (const VirtAddr va : {lazy_base - 8, VirtAddr(0x20'0000), VirtAddr()}) {
    if (process->load(va)) lab::fail("a load at {:x}, where nothing is mapped, is refused", "it is done", va);
  }
}

TEST_F(LazyLab, TheRegionSaysWhatMayBeDone) {
  map(ro);
  expect_refused(process->store(page(1), 1), 1, "a store to read-only memory");
  expect_refused(process->fetch(page(2)).has_value(), 2, "an instruction from memory that is not executable");
  expect_word(page(3), 0);
  if (process->store(page(3), 1)) lab::fail("a store to read-only memory is refused after a load too", "it is done");
  EXPECT_TRUE(process->protect(pages(page(20), 10), none));
  expect_refused(process->load(page(21)).has_value(), 21, "a load from memory without access");
}

TEST_F(LazyLab, TheStackGrowsByTouch) {
  map(rw, RegionKind::stack);
  const std::size_t free = machine.free_frames();
  for (std::uint64_t number = lazy_pages - 1; number >= lazy_pages - 30; --number) {
    if (!store(page(number) + 64, number)) return;
  }
  if (!store(page(100), 1)) return;  // a large frame of a function steps over pages
  expect_no_page(lazy_pages - 31);
  expect_no_page(101);
  expect_no_page(99);
  if (const std::size_t taken = free - machine.free_frames(); taken > 31 + 3) {
    lab::fail("31 pages of the stack take 31 frames, and 3 for page tables", "they take {}", taken);
  }
  if (process->store(lazy_base - 8, 1)) lab::fail("a store below the stack is refused", "it is done");
}

}  // namespace
}  // namespace ox
