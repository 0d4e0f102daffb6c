// Harts as threads. Under ThreadSanitizer these tests prove the memory orders in kernel/vm and kernel/sync. The threads
// take turns through relaxed accesses only, so every order that the sanitizer sees comes from the code under test. So
// it reports a missing order in every run, whatever the timing.
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "objects/slab.h"
#include "sim/process.h"
#include "sync/ref.h"
#include "turns.h"

extern "C" const char* __tsan_default_options();  // NOLINT: the sanitizer's name
extern "C" const char* __tsan_default_options() { return "halt_on_error=1"; }

namespace ox {
namespace {

using namespace sim;

constexpr VirtAddr base{0x10'0000};

// A parent on hart 0 and its child on hart 1, with one page written before the fork.
class Harts : public testing::Test {
 protected:
  void start(ForkMode mode) {
    machine.set_threaded();
    parent = machine.new_process();
    ASSERT_TRUE(parent->map(pages(base, 2), rw));
    ASSERT_TRUE(parent->store(base, 5));
    child = parent->fork(mode);
    child->move_to(1);
  }
  // Hart 0 frees a frame, the only free one, and hart 1 takes it, from the reserve if it is there.
  void pass_on_a_frame(bool reserve) {
    machine.set_threaded();
    Frames& frames = machine.memory().frames;
    std::vector<Ppn> all;
    const auto give_back = [&](Ppn frame) {
      if (frames.drop(frame)) frames.free(frame, Content::any);
    };
    current_hart_may_use_reserve = reserve;
    while (const auto frame = frames.alloc(FrameKind::page, Content::any)) all.push_back(*frame);
    current_hart_may_use_reserve = false;
    const Ppn one = all.back();
    all.pop_back();
    in_turn([&] { give_back(one); },
            [&] {
              current_hart_may_use_reserve = reserve;
              const auto taken = frames.alloc(FrameKind::table, Content::zero);
              ASSERT_TRUE(taken);
              EXPECT_EQ(*taken, one);
              give_back(*taken);
            });
    for (const Ppn frame : all) give_back(frame);
  }

  Machine machine{256, {}, 4};
  std::unique_ptr<Process> parent;
  std::unique_ptr<Process> child;
};

TEST_F(Harts, TheLastOwnerOfAPageWritesItAfterTheOtherHasCopiedIt) {
  start(ForkMode::cow);
  in_turn([&] { EXPECT_TRUE(parent->store(base, 20)); }, [&] { EXPECT_TRUE(child->store(base, 10)); });
  EXPECT_EQ(child->faults(), std::vector{FaultOutcome::granted});
}

TEST_F(Harts, TheLastOwnerOfATableWritesItsRecordAfterTheOtherHasCopiedIt) {
  start(ForkMode::on_demand);
  in_turn([&] { EXPECT_TRUE(parent->store(base, 20)); }, [&] { EXPECT_TRUE(child->store(base + page_size, 10)); });
}

// The protecting process has a root of its own. The table below is shared, and has no pages in the range.
TEST_F(Harts, ProtectingUntouchedMemoryWritesNoRecordOfASharedTable) {
  start(ForkMode::on_demand);
  const VirtRange untouched = pages(base + entry_span(1));
  ASSERT_TRUE(parent->map(untouched, rw));
  in_turn([&] { EXPECT_TRUE(parent->protect(untouched, ro)); }, [&] { EXPECT_TRUE(child->store(base, 10)); });
}

TEST_F(Harts, AFreedPageIsFilledAfterItsOtherOwnerHasReadIt) {
  start(ForkMode::cow);
  in_turn([&] { EXPECT_TRUE(parent->store(base, 20)); }, [&] { child.reset(); });
}

TEST_F(Harts, AFreedTreeIsReusedAfterItsOtherOwnerHasReadIt) {
  start(ForkMode::on_demand);
  in_turn(
      [&] {
        EXPECT_EQ(parent->load(base), 5u);
        parent.reset();
      },
      [&] { child.reset(); });
}

TEST_F(Harts, AfterAnExitTheOtherOwnerWritesThePageWithoutACopy) {
  start(ForkMode::cow);
  in_turn(
      [&] {
        EXPECT_EQ(parent->load(base), 5u);
        parent.reset();
      },
      [&] { EXPECT_TRUE(child->store(base, 10)); });
  EXPECT_EQ(child->faults(), std::vector{FaultOutcome::granted});
}

TEST_F(Harts, AFrameFromAnotherHartsListComesWithItsRecordAndBytes) { pass_on_a_frame(false); }

TEST_F(Harts, AFrameOfTheReserveComesWithItsRecordAndBytes) {
  machine.memory().frames.set_reserve(1);
  pass_on_a_frame(true);
}

TEST_F(Harts, AFenceForNewCodeShowsItAsItWasWritten) {
  std::uint64_t word = 0, read = 0;
  in_turn([&] { word = 5, machine.memory().code.count(); }, [&] { machine.memory().code.fence(), read = word; });
  EXPECT_EQ(read, 5u);
}

TEST_F(Harts, AnObjectIsMadeAfterTheOtherHartHasFreedOneInItsPlace) {
  using Object = std::array<std::uint64_t, 8>;
  machine.set_threaded();
  Slabs slabs(machine.memory().frames);
  Object* const freed = *slabs.make<Object>();
  Object* const kept = *slabs.make<Object>();
  Object* made = nullptr;
  in_turn([&] { Slabs::destroy(freed); }, [&] { made = *slabs.make<Object>(); });
  EXPECT_EQ(made, freed);
  Slabs::destroy(made);
  Slabs::destroy(kept);
}

TEST(Locks, TheNextHolderReadsTheWritesOfTheOneBefore) {
  SpinLock lock(LockRank::object);
  int guarded = 0;
  in_turn(
      [&] {
        const LockGuard guard(lock);
        guarded = 1;
      },
      [&] {
        const LockGuard guard(lock);
        EXPECT_EQ(guarded, 1);
        guarded = 2;
      });
}

TEST(Locks, OnlyOneHartHoldsALock) {
  SpinLock lock(LockRank::object);
  int guarded = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (unsigned hart = 0; hart < 4; ++hart) {
    threads.emplace_back([&, hart] {
      current_hart = hart;
      for (int i = 0; i < 2000; ++i) {
        const LockGuard guard(lock);
        ++guarded;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(guarded, 8000);
}

struct Shared : RefCounted {
  static void destroy(Shared* object) { object->value = -1; }
  // Not in the same 8 bytes as the count: the sanitizer remembers only four accesses to each 8 bytes, and forgets
  // others by chance.
  alignas(8) int value = 0;
};

TEST(Ref, TheObjectIsDestroyedAfterAllOwnersHaveUsedIt) {
  Shared object;
  Ref<Shared> first = Ref<Shared>::adopt(&object);
  Ref<Shared> second = first;
  in_turn(
      [&] {
        EXPECT_EQ(first->value, 0);
        first = Ref<Shared>();
      },
      [&] { second = Ref<Shared>(); });
  EXPECT_EQ(object.value, -1);
}

// The life of one hart in the storm: a process, the expected contents of its pages, and its children.
class Life {
 public:
  Life(std::unique_ptr<Process> process, unsigned hart) : process_(std::move(process)), hart_(hart), random_(hart + 1) {
    process_->move_to(hart);
    pages_.fill(7);
  }

  void run(unsigned steps) {
    current_hart = hart_;
    for (unsigned i = 0; i < steps; ++i) step();
    child_.reset();
    process_.reset();
  }

 private:
  static constexpr std::array places{base, base + page_size, base + entry_span(1), base + entry_span(2)};

  void step() {
    const std::size_t page = random_() % places.size();
    Process& process = child_ && random_() % 2 == 0 ? *child_ : *process_;
    std::array<std::uint64_t, 4>& expected = &process == process_.get() ? pages_ : child_pages_;
    switch (random_() % 8) {
      case 0: {
        static constexpr std::array modes{ForkMode::eager, ForkMode::cow, ForkMode::on_demand};
        child_ = process_->fork(modes[random_() % 3]);
        child_pages_ = pages_;
        break;
      }
      case 1:
        // The child replaces the process. So whoever shares pages with the old process now has one sharer less.
        if (child_) {
          process_ = std::move(child_);
          pages_ = child_pages_;
        }
        break;
      case 2: {
        const VirtRange range = pages(places[page]);
        if (process.unmap(range)) expected[page] = process.map(range, rw) ? 0 : ~std::uint64_t{0};
        break;
      }
      case 3:
      case 4: {
        const std::uint64_t value = random_();
        if (process.write(places[page], value)) expected[page] = value;
        break;
      }
      default: {
        const auto got = process.load(places[page]);
        const bool there = expected[page] != ~std::uint64_t{0};
        if (got) {
          EXPECT_EQ(*got, expected[page]);
        } else {
          EXPECT_TRUE(!there || process.faults().back() == FaultOutcome::no_memory);
        }
      }
    }
  }

  std::unique_ptr<Process> process_;
  std::unique_ptr<Process> child_;
  unsigned hart_;
  std::mt19937_64 random_;
  std::array<std::uint64_t, 4> pages_{};
  std::array<std::uint64_t, 4> child_pages_{};
};

class Storm : public testing::TestWithParam<ForkMode> {};

TEST_P(Storm, RelativesOnFourHartsDoNotDisturbEachOther) {
  for (const std::size_t frames : {256u, 60u}) {
    Machine machine(frames, {}, 4);
    machine.set_threaded();
    auto ancestor = machine.new_process();
    ASSERT_TRUE(ancestor->map({base, base + entry_span(2) + page_size}, rw));
    for (const VirtAddr va : {base, base + page_size, base + entry_span(1), base + entry_span(2)}) {
      ASSERT_TRUE(ancestor->store(va, 7));
    }
    std::vector<std::unique_ptr<Life>> lives;
    for (unsigned hart = 0; hart < 4; ++hart) {
      auto process = ancestor->fork(GetParam());
      ASSERT_TRUE(process);
      lives.push_back(std::make_unique<Life>(std::move(process), hart));
    }
    ancestor.reset();
    std::vector<std::thread> threads;
    threads.reserve(lives.size());
    for (auto& life : lives) threads.emplace_back([&life] { life->run(1000); });
    for (std::thread& thread : threads) thread.join();
  }
}

INSTANTIATE_TEST_SUITE_P(, Storm, testing::Values(ForkMode::cow, ForkMode::on_demand),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace ox
