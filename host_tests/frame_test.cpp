// Frames, their counts, and references to them (rule 1); objects carved from frames.
#include "vm/frame.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "objects/slab.h"
#include "sim/machine.h"

namespace ox {
namespace {

using sim::current_hart;
using sim::Machine;

std::set<Ppn> take_all(Frames& frames) {
  std::set<Ppn> all;
  while (const auto frame = frames.alloc(FrameKind::page, Content::any)) {
    if (all.insert(*frame).second) continue;
    ADD_FAILURE() << "handed out twice: " << testing::PrintToString(*frame);
    break;
  }
  return all;
}
std::set<Ppn> take_reserve(Frames& frames) {
  sim::current_hart_may_use_reserve = true;
  std::set<Ppn> all = take_all(frames);
  sim::current_hart_may_use_reserve = false;
  return all;
}
void give_back(Frames& frames, const std::set<Ppn>& all) {
  for (const Ppn frame : all) {
    if (frames.drop(frame)) frames.free(frame, Content::any);
  }
}

TEST(Frames, EachIsHandedOutOnceUntilNoneIsLeft) {
  Machine machine(100);
  Frames& frames = machine.memory().frames;
  const std::set<Ppn> all = take_all(frames);
  EXPECT_EQ(all.size(), 100u);
  EXPECT_EQ(frames.free_count(), 0u);
  give_back(frames, all);
  EXPECT_EQ(frames.free_count(), 100u);
}

TEST(Frames, ANewOneHasCountOneAndItsKind) {
  Machine machine(4);
  Frames& frames = machine.memory().frames;
  const Ppn frame = *frames.alloc(FrameKind::table, Content::zero);
  EXPECT_EQ(frames.record(frame).count.load(), 1u);
  EXPECT_EQ(frames.record(frame).kind, FrameKind::table);
  EXPECT_FALSE(frames.is_shared(frame));
  give_back(frames, {frame});
  EXPECT_EQ(frames.record(frame).kind, FrameKind::free);
}

TEST(Frames, OnlyTheLastDropIsTheLast) {
  Machine machine(4);
  Frames& frames = machine.memory().frames;
  const Ppn frame = *frames.alloc(FrameKind::page, Content::any);
  frames.share(frame);
  frames.share(frame);
  EXPECT_TRUE(frames.is_shared(frame));
  EXPECT_FALSE(frames.drop(frame));
  EXPECT_FALSE(frames.drop(frame));
  EXPECT_FALSE(frames.is_shared(frame));
  give_back(frames, {frame});
}

TEST(Frames, AManyTimesSharedOneKeepsCount) {
  Machine machine(4);
  Frames& frames = machine.memory().frames;
  const Ppn frame = *frames.alloc(FrameKind::page, Content::any);
  for (unsigned i = 0; i < 100'000; ++i) frames.share(frame);
  EXPECT_EQ(frames.record(frame).count.load(), 100'001u);
  for (unsigned i = 0; i < 100'000; ++i) EXPECT_FALSE(frames.drop(frame));
  give_back(frames, {frame});
}

// Freed frames take different paths with poison and without.
class FramesOfZeros : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(, FramesOfZeros, testing::Bool(), testing::PrintToStringParamName());

TEST_P(FramesOfZeros, ZeroMeansZerosWhateverWasThere) {
  Machine machine(3);
  Frames& frames = machine.memory().frames;
  frames.set_poison(GetParam());
  for (int round = 0; round < 10; ++round) {
    const Content content = round % 3 == 0 ? Content::any : Content::zero;
    const Ppn frame = *frames.alloc(FrameKind::page, content);
    const std::byte* const bytes = to_pointer(frame);
    if (content == Content::zero) {
      EXPECT_EQ(std::count(bytes, bytes + page_size, std::byte{0}), page_size);
    }
    std::memset(to_pointer(frame), 0xab, page_size);
    give_back(frames, {frame});
  }
}

TEST(Frames, AFrameForAnyUseIsNotCleared) {
  Machine machine(1);
  Frames& frames = machine.memory().frames;
  frames.set_poison(false);
  const Ppn frame = *frames.alloc(FrameKind::page, Content::any);
  *to_pointer(frame) = std::byte{1};
  give_back(frames, {frame});
  const Ppn again = *frames.alloc(FrameKind::page, Content::any);
  EXPECT_EQ(*to_pointer(again), std::byte{1});
  give_back(frames, {again});
}

TEST(Frames, AFrameFreedAsZerosIsGivenToWhoWantsZeros) {
  Machine machine(3);
  Frames& frames = machine.memory().frames;
  const Ppn frame = *frames.alloc(FrameKind::page, Content::zero);
  ASSERT_TRUE(frames.drop(frame));
  frames.free(frame, Content::zero);
  const Ppn again = *frames.alloc(FrameKind::page, Content::zero);
  EXPECT_EQ(again, frame);
  give_back(frames, {again});
}

TEST(Frames, AHartFindsWhatAnotherFreed) {
  Machine machine(100, {}, 2);
  Frames& frames = machine.memory().frames;
  const std::set<Ppn> all = take_all(frames);
  current_hart = 1;
  give_back(frames, all);
  current_hart = 0;
  EXPECT_EQ(take_all(frames), all);
  give_back(frames, all);
}

TEST(Frames, TheReserveIsForHartsThatMayUseItAndIsRefilledFirst) {
  Machine machine(20);
  Frames& frames = machine.memory().frames;
  frames.set_reserve(5);
  EXPECT_EQ(frames.free_count(), 20u);
  const std::set<Ppn> ordinary = take_all(frames);
  EXPECT_EQ(ordinary.size(), 15u);
  const std::set<Ppn> reserved = take_reserve(frames);
  EXPECT_EQ(reserved.size(), 5u);
  give_back(frames, reserved);
  EXPECT_FALSE(frames.alloc(FrameKind::page, Content::any));
  give_back(frames, ordinary);
  EXPECT_EQ(frames.free_count(), 20u);
}

TEST(Frames, TheReserveIsUsedLast) {
  Machine machine(20);
  Frames& frames = machine.memory().frames;
  frames.set_reserve(5);
  sim::current_hart_may_use_reserve = true;
  const Ppn frame = *frames.alloc(FrameKind::page, Content::any);
  sim::current_hart_may_use_reserve = false;
  const std::set<Ppn> ordinary = take_all(frames);
  EXPECT_EQ(ordinary.size(), 14u);
  give_back(frames, ordinary);
  give_back(frames, {frame});
}

TEST(Frames, TheReserveMayBeSetWhenThereAreFramesOfZeros) {
  Machine machine(20);
  Frames& frames = machine.memory().frames;
  const Ppn table = *frames.alloc(FrameKind::table, Content::zero);
  ASSERT_TRUE(frames.drop(table));
  frames.free(table, Content::zero);
  frames.set_reserve(20);
  give_back(frames, take_reserve(frames));  // frames on the list of zeros must contain zeros: rule 12
}

TEST(Frames, AChainOfFramesRefillsTheReserveAndTheRestIsForAll) {
  Machine machine(20);
  Frames& frames = machine.memory().frames;
  frames.set_reserve(3);
  std::set<Ppn> all = take_all(frames);
  all.merge(take_reserve(frames));
  Frames::Chain chain;
  for (const Ppn frame : all) {
    ASSERT_TRUE(frames.drop(frame));
    frames.link(chain, frame, Content::any);
  }
  frames.free(chain, Content::any);
  std::set<Ppn> again = take_all(frames);
  EXPECT_EQ(again.size(), 17u);
  again.merge(take_reserve(frames));
  EXPECT_EQ(again, all);
  give_back(frames, again);
}

TEST(Frames, SharingAFreeFrameIsAPanic) {
  Machine machine(4);
  Frames& frames = machine.memory().frames;
  EXPECT_DEATH(frames.share(frames.first() + 6), "rule 1: share of frame 0x80006, which has count 0 .kind free.");
}

TEST(Frames, DroppingAFreeFrameIsAPanic) {
  Machine machine(4);
  Frames& frames = machine.memory().frames;
  EXPECT_DEATH((void)frames.drop(frames.first() + 6), "rule 1: drop of frame 0x80006, which has count 0 .kind free.");
}

TEST(Frames, AWriteToAFreeFrameIsSeenAtItsNextUse) {
  for (const Content content : {Content::any, Content::zero}) {
    Machine machine(1);
    Frames& frames = machine.memory().frames;
    const Ppn frame = *frames.alloc(FrameKind::page, Content::zero);
    ASSERT_TRUE(frames.drop(frame));
    frames.free(frame, content);
    EXPECT_DEATH(
        {
          *to_pointer(frame) = std::byte{1};
          (void)frames.alloc(FrameKind::page, Content::zero);
        },
        "rule 12: free frame 0x80003 was written: 0x(1|5a5a5a5a5a5a5a01) ");
  }
}

TEST(FrameRef, TheLastOneFrees) {
  Machine machine(4);
  Frames& frames = machine.memory().frames;
  {
    FrameRef one = *FrameRef::make(frames, FrameKind::kernel);
    FrameRef two = one.share();
    EXPECT_EQ(one.ppn(), two.ppn());
    one = FrameRef();
    EXPECT_EQ(frames.free_count(), 3u);
    FrameRef three = std::move(two);
    EXPECT_FALSE(two);  // NOLINT: moved from is empty
    EXPECT_EQ(frames.free_count(), 3u);
  }
  EXPECT_EQ(frames.free_count(), 4u);
}

TEST(FrameRef, ReleaseGivesTheReferenceAway) {
  Machine machine(4);
  Frames& frames = machine.memory().frames;
  Ppn frame;
  {
    FrameRef ref = *FrameRef::make(frames, FrameKind::kernel);
    frame = ref.release();
  }
  EXPECT_EQ(frames.free_count(), 3u);
  give_back(frames, {frame});
}

TEST(Slabs, ObjectsAreApartAndEmptyPagesGoBack) {
  Machine machine(10);
  struct Object {
    explicit Object(int value) : number(value) {}
    int number;
    char rest[900];
  };
  Slabs slabs(machine.memory().frames);
  std::vector<Object*> objects;
  objects.reserve(12);
  for (int i = 0; i < 12; ++i) objects.push_back(*slabs.make<Object>(i));
  EXPECT_EQ(machine.free_frames(), 10u - 3) << "four objects in each frame";
  for (int i = 0; i < 12; ++i) EXPECT_EQ(objects[static_cast<std::size_t>(i)]->number, i);
  for (int i : {5, 0, 11, 3, 4, 1, 2, 10, 9, 6, 7, 8}) Slabs::destroy(objects[static_cast<std::size_t>(i)]);
  EXPECT_EQ(machine.free_frames(), 10u);
}

TEST(Slabs, PlacesThatAreFreedInAFullPageAreTakenAgain) {
  Machine machine(2);
  using Object = std::array<std::byte, 1900>;
  Slabs slabs(machine.memory().frames);
  const std::set<Object*> objects{*slabs.make<Object>(), *slabs.make<Object>()};
  for (Object* const object : objects) {
    Slabs::destroy(object);
    EXPECT_EQ(*slabs.make<Object>(), object);
  }
  EXPECT_EQ(machine.free_frames(), 1u);
  for (Object* const object : objects) Slabs::destroy(object);
}

TEST(Slabs, WithoutMemoryItSaysSo) {
  Machine machine(1);
  using Object = std::array<std::byte, 4000>;
  Slabs slabs(machine.memory().frames);
  auto* const only = *slabs.make<Object>();
  EXPECT_EQ(slabs.make<Object>().error(), Errno::enomem);
  Slabs::destroy(only);
  Slabs::destroy(*slabs.make<Object>());
}

}  // namespace
}  // namespace ox
