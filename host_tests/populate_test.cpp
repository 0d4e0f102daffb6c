// Mapping memory before it is touched: populate() in kernel/vm/space.cpp.
#include <gtest/gtest.h>

#include "sim/process.h"

namespace ox {
namespace {

using namespace sim;

constexpr VirtAddr base{0x10'0000};
constexpr std::uint64_t word = 700;  // each word of the file's first page; the next page has this value plus 1

class Populate : public testing::Test {
 protected:
  Result<> populate(VirtRange range) {
    return process->in_kernel([&](AddressSpace& space) { return space.populate(range); });
  }

  Machine machine{64};
  std::unique_ptr<Process> process = machine.new_process();
};

TEST_F(Populate, ItMapsWhatLoadsWouldMap) {
  ASSERT_TRUE(process->map_file(pages(base, 4), ro, RegionKind::mapping, machine.new_file(word, 4, 4), 2));
  ASSERT_TRUE(populate(pages(base, 4)));
  EXPECT_EQ(process->load(base + page_size), word + 3);
  EXPECT_TRUE(process->faults().empty());
  EXPECT_EQ(process->frame(base + 2 * page_size), Ppn()) << "past the end of the file";
}

TEST_F(Populate, ItPassesByWhatMayNotBeLoaded) {
  ASSERT_TRUE(process->map(pages(base, 2), {.execute = true}));
  ASSERT_TRUE(process->map(pages(base + 3 * page_size, 1), rw));  // after a hole
  ASSERT_TRUE(populate(pages(base, 4)));
  EXPECT_EQ(process->frame(base), Ppn());
  EXPECT_EQ(process->frame(base + 3 * page_size), machine.zero());
}

TEST_F(Populate, ItLeavesWhatIsThere) {
  ASSERT_TRUE(process->map(pages(base, 2), rw));
  EXPECT_TRUE(process->store(base, 5));
  ASSERT_TRUE(populate(pages(base, 2)));
  EXPECT_EQ(process->load(base), 5u);
  EXPECT_EQ(process->frame(base + page_size), machine.zero());
}

TEST_F(Populate, ItKeepsToItsRange) {
  ASSERT_TRUE(process->map(pages(base, 4), rw));
  ASSERT_TRUE(populate(pages(base + page_size, 2)));
  EXPECT_EQ(process->frame(base), Ppn());
  EXPECT_EQ(process->frame(base + page_size), machine.zero());
  EXPECT_EQ(process->frame(base + 2 * page_size), machine.zero());
  EXPECT_EQ(process->frame(base + 3 * page_size), Ppn());
}

}  // namespace
}  // namespace ox
