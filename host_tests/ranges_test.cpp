// The ranges of RAM that make the pool (Frames::add_range): frames that were never handed out, and their records.
#include <gtest/gtest.h>

#include <cstddef>
#include <set>

#include "sim/machine.h"
#include "vm/frame.h"

namespace ox {
namespace {

constexpr Ppn first{0x90000};        // no RAM is there: these tests look at records only
constexpr std::uint64_t batch = 64;  // so many frames get their records at a time

class Ranges : public testing::Test {
 protected:
  Ranges() {
    std::fill_n(reinterpret_cast<std::byte*>(records_.data()), records_.size() * sizeof(Frame), std::byte{0x55});
    frames.start(records_, first);
  }
  void add(std::uint64_t start, std::uint64_t end) { frames.add_range(first + start, first + end); }
  void add_four() {
    add(0, 70);
    add(100, 130);
    add(200, 201);
    add(210, 210 + batch);
  }
  Ppn take() { return frames.take(FrameKind::page, Content::any); }
  std::set<Ppn> known() {
    std::set<Ppn> all;
    frames.for_each_known([&](Ppn frame, const Frame&) { all.insert(frame); });
    return all;
  }
  static std::set<Ppn> numbers(std::uint64_t start, std::uint64_t end) {
    std::set<Ppn> all;
    for (std::uint64_t i = start; i < end; ++i) all.insert(first + i);
    return all;
  }

  Frames frames;

 private:
  sim::Machine machine_{1};  // is asked whether a hart caches a frame that becomes free
  std::vector<Frame> records_{300};
};

TEST_F(Ranges, EveryFrameOfEachIsHandedOutOnce) {
  add_four();
  std::set<Ppn> expected = numbers(0, 70);
  expected.merge(numbers(100, 130));
  expected.merge(numbers(200, 201));
  expected.merge(numbers(210, 210 + batch));
  std::set<Ppn> taken;
  for (Ppn frame = take(); frame != Ppn(); frame = take()) ASSERT_TRUE(taken.insert(frame).second) << frame.value();
  EXPECT_EQ(taken, expected);
  EXPECT_EQ(known(), expected);
}

TEST_F(Ranges, TheirFramesAreFreeUntilTheyAreHandedOut) {
  add_four();
  ASSERT_EQ(frames.total(), 70 + 30 + 1 + batch);
  for (std::size_t left = frames.total(); left > 0; --left) {
    EXPECT_EQ(frames.free_count(), left);
    EXPECT_NE(take(), Ppn());
  }
  EXPECT_EQ(frames.free_count(), 0u);
}

TEST_F(Ranges, OneBatchOfRecordsIsSetUpAtATime) {
  add_four();
  EXPECT_EQ(known(), std::set<Ppn>{});
  EXPECT_NE(take(), Ppn());
  EXPECT_EQ(known(), numbers(0, batch));
}

TEST_F(Ranges, TheLastBatchEndsWithItsRange) {
  add_four();
  for (std::uint64_t i = 0; i < batch + 1; ++i) EXPECT_NE(take(), Ppn());
  EXPECT_EQ(known(), numbers(0, 70));
}

TEST_F(Ranges, ARecordIsThatOfAFreeFrameWhateverWasInItsMemory) {
  add(0, batch);
  const Ppn taken = take();
  frames.for_each_known([&](Ppn frame, const Frame& record) {
    if (frame == taken) return;
    EXPECT_EQ(record.count.load(), 0u);
    EXPECT_EQ(record.kind, FrameKind::free);
    EXPECT_EQ(record.used_groups, 0u);
    EXPECT_EQ(record.writable_groups, 0u);
  });
}

TEST_F(Ranges, ThereAreAtMostFour) {
  add_four();
  EXPECT_DEATH(add(290, 291), "more than 4 ranges of RAM");
}

TEST_F(Ranges, EachNeedsRecords) {
  EXPECT_DEATH(add(0, 301), "frames 0x90000 to 0x9012d have no records");
  EXPECT_DEATH(frames.add_range(Ppn(0x8ffff), first + 1), "frames 0x8ffff to 0x90001 have no records");
}

TEST_F(Ranges, OnlyFramesWithRecordsAreContained) {
  EXPECT_FALSE(frames.contains(Ppn(first.value() - 1)));
  EXPECT_TRUE(frames.contains(first));
  EXPECT_TRUE(frames.contains(first + 299));
  EXPECT_FALSE(frames.contains(first + 300));
  EXPECT_EQ(frames.end(), first + 300);
}

}  // namespace
}  // namespace ox
