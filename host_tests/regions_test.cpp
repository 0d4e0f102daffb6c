// Lists of many regions: lookups, the frames that a change takes, and the state after a change that fails.
#include <gtest/gtest.h>

#include <random>

#include "sim/process.h"

namespace ox::sim {
namespace {

constexpr VirtAddr base{0x10'0000};
constexpr std::uint64_t many = 10'000;

VirtAddr page(std::uint64_t number) { return base + number * page_size; }
std::vector<Region> all(const AddressSpace& space) {
  std::vector<Region> regions;
  space.regions().for_each([&](const Region& region) { regions.push_back(region); });
  return regions;
}

class ManyRegions : public testing::Test {
 protected:
  ManyRegions() : process(machine.new_process()) { machine.set_auditing(false); }
  ~ManyRegions() override {
    machine.set_auditing(true);
    machine.audit();
  }
  // Maps pages 0, 2, 4, ..., at most `count` of them. Returns how many were mapped before the list was full.
  std::uint64_t map_every_other_page(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!process->map(pages(page(2 * i)), rw)) return i;
    }
    return count;
  }
  // Maps one page more behind the others until the list has `blocks` blocks. Returns how many regions it has then.
  std::uint64_t map_until_there_are(std::size_t blocks) {
    std::uint64_t count = all(process->space()).size();
    while (frames_of_blocks().size() < blocks) EXPECT_TRUE(process->map(pages(page(2 * count++)), rw));
    return count;
  }
  std::vector<Ppn> frames_of_blocks() const {
    std::vector<Ppn> frames;
    process->space().regions().for_each_block([&](Ppn block) { frames.push_back(block); });
    return frames;
  }
  // How often a search for a gap looks into a frame.
  unsigned looks_for_gap(VirtAddr limit, std::uint64_t size) const {
    const unsigned before = current_steps;
    EXPECT_EQ(process->space().regions().gap_below(limit, size)->start, base - size);
    return current_steps - before;
  }

  Machine machine{1024, {}, 1};
  std::unique_ptr<Process> process;
};

TEST_F(ManyRegions, ThereIsRoomForTenThousand) {
  EXPECT_EQ(map_every_other_page(many), many);
  EXPECT_EQ(all(process->space()).size(), many);
}

TEST_F(ManyRegions, EveryOtherPageOfARangeCanBeProtected) {
  ASSERT_TRUE(process->map(pages(base, many), rw));
  for (std::uint64_t i = 0; i < many; i += 2) ASSERT_TRUE(process->protect(pages(page(i)), ro)) << i;
  EXPECT_EQ(all(process->space()).size(), many);
  ASSERT_TRUE(process->protect(pages(base, many), rw));
  EXPECT_EQ(all(process->space()).size(), 1u) << "equal neighbours merge";
}

TEST_F(ManyRegions, AnAddressIsFoundAmongThem) {
  map_every_other_page(many);
  for (std::uint64_t i = 0; i < many; i += 37) {
    const Region* const found = process->space().regions().find(page(2 * i) + 5);
    ASSERT_TRUE(found != nullptr);
    EXPECT_EQ(found->range.start, page(2 * i));
    EXPECT_EQ(process->space().regions().find(page(2 * i + 1)), nullptr);
  }
  EXPECT_EQ(process->space().regions().first_after(page(2 * many)), nullptr);
}

TEST_F(ManyRegions, TheHighestGapThatIsLargeEnoughIsFound) {
  map_every_other_page(1000);
  ASSERT_TRUE(process->unmap(pages(page(500))));
  ASSERT_TRUE(process->unmap(pages(page(1200))));
  const auto gap = [&](std::uint64_t size) {
    return process->space().regions().gap_below(page(1999), size * page_size)->start;
  };
  EXPECT_EQ(gap(1), page(1997));
  EXPECT_EQ(gap(3), page(1199));
  EXPECT_EQ(gap(4), base - 4 * page_size) << "below all of them";
}

TEST_F(ManyRegions, ASearchForAGapLooksIntoNoBlockThatHasNoSuchGap) {
  map_every_other_page(1000);
  EXPECT_EQ(looks_for_gap(page(1999), 2 * page_size), 1u) << "the index";
}

TEST_F(ManyRegions, ASearchForAGapLooksIntoNoBlockWhoseRegionsAreNeighbours) {
  for (std::uint64_t i = 0; i < 1000; ++i) ASSERT_TRUE(process->map(pages(page(i)), i % 2 == 0 ? ro : rw));
  EXPECT_EQ(looks_for_gap(page(1000), page_size), 1u) << "the index";
}

// A change may add two regions to a block, and a block has room for 80.
TEST_F(ManyRegions, AFullBlockIsDividedIntoHalves) {
  EXPECT_EQ(map_until_there_are(1), 1u);
  EXPECT_EQ(map_until_there_are(2), 80u);
  EXPECT_EQ(map_until_there_are(3), 80u + 41) << "the second half had 39, and is full in turn";
}

TEST_F(ManyRegions, ABlockThatIsLessThanHalfFullIsMergedWithItsNeighbour) {
  std::uint64_t left = map_until_there_are(2);
  const Ppn neighbour = frames_of_blocks().front();
  while (frames_of_blocks().size() == 2) {
    EXPECT_EQ(frames_of_blocks().front(), neighbour) << "with " << left << " regions";
    ASSERT_TRUE(process->unmap(pages(page(2 * --left))));
  }
  EXPECT_EQ(left, 77u);
}

TEST_F(ManyRegions, AChangeTakesTheFramesOfWhatIsDifferent) {
  map_every_other_page(1000);
  const auto child = process->fork(ForkMode::on_demand);  // holds the old list
  const std::size_t free = machine.free_frames();
  ASSERT_TRUE(process->unmap(pages(page(1000))));
  EXPECT_LE(free - machine.free_frames(), 3u) << "an index and one block or two";
}

TEST_F(ManyRegions, AForkTakesNoFrameForThem) {
  map_every_other_page(1000);
  const std::size_t free = machine.free_frames();
  const auto child = process->fork(ForkMode::on_demand);
  EXPECT_EQ(free - machine.free_frames(), 1u) << "the child's root";
  EXPECT_EQ(all(child->space()).size(), 1000u);
}

TEST_F(ManyRegions, AFullListRefusesAndStaysAsItIs) {
  const std::uint64_t room = map_every_other_page(100'000);
  ASSERT_GE(room, many);
  const std::size_t free = machine.free_frames();
  EXPECT_EQ(process->map(pages(page(2 * room)), rw).error(), Errno::enomem);
  EXPECT_EQ(frames_of_blocks().size(), 255u) << "as many as an index has room for";
  EXPECT_EQ(all(process->space()).size(), room);
  EXPECT_EQ(machine.free_frames(), free);
  std::uint64_t before = 1;  // pages in front of the others, as long as the first block has room for them
  while (process->map(pages(base - 2 * before * page_size), rw)) ++before;
  EXPECT_GT(before, 1u);
  EXPECT_EQ(all(process->space()).size(), room + before - 1);
  EXPECT_EQ(machine.free_frames(), free);
  EXPECT_TRUE(process->unmap({user_start, page(2 * room)})) << "all of it goes at once";
  EXPECT_TRUE(all(process->space()).empty());
}

TEST_F(ManyRegions, AChangeWithoutMemoryLeavesTheListAsItIs) {
  map_every_other_page(1000);
  for (std::size_t left = 0;; ++left) {
    machine.leave_free(left);
    const bool done = process->protect({page(100), page(101)}, ro).has_value();
    machine.release_hoard();
    EXPECT_EQ(process->space().regions().find(page(100))->prot, done ? ro : rw);
    EXPECT_EQ(all(process->space()).size(), 1000u);
    if (done) break;
    ASSERT_LT(left, 10u);
  }
}

// A plain array with each page's protection must agree with the list.
TEST_F(ManyRegions, RandomChangesLeaveWhatTheySay) {
  constexpr std::uint64_t size = 3000;
  std::vector<std::optional<Prot>> model(size);
  std::mt19937 random(1);
  const auto below = [&](std::uint64_t end) { return random() % end; };
  for (int round = 0; round < 20'000; ++round) {
    const std::uint64_t first = below(size);
    const std::uint64_t end = std::min<std::uint64_t>(size, first + 1 + (below(50) == 0 ? below(size) : below(4)));
    const auto part = std::span(model).subspan(first, end - first);
    const VirtRange range{page(first), page(end)};
    const bool free = std::ranges::none_of(part, [](const auto& prot) { return prot.has_value(); });
    const bool whole = std::ranges::all_of(part, [](const auto& prot) { return prot.has_value(); });
    const Prot prot = below(2) == 0 ? ro : rw;
    switch (below(4)) {
      case 0:
        ASSERT_TRUE(process->unmap(range));
        std::ranges::fill(part, std::nullopt);
        break;
      case 1:
        ASSERT_EQ(process->protect(range, prot).has_value(), whole);
        if (whole) std::ranges::fill(part, prot);
        break;
      default:
        ASSERT_EQ(process->map(range, prot).has_value(), free);
        if (free) std::ranges::fill(part, prot);
    }
    if (round % 100 != 0) continue;
    std::vector<std::optional<Prot>> listed(size);
    for (const Region& region : all(process->space())) {
      const std::uint64_t from = (region.range.start - base) / page_size;
      std::fill_n(listed.begin() + static_cast<std::ptrdiff_t>(from), region.range.size() / page_size, region.prot);
    }
    ASSERT_EQ(listed, model) << "after " << round;
  }
}

}  // namespace
}  // namespace ox::sim
