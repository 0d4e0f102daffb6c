// Locks and counted references (kernel/sync), on one hart. threads_test.cpp has them on several.
#include <gtest/gtest.h>

#include "sync/ref.h"
#include "sync/spinlock.h"

namespace ox {
namespace {

TEST(SpinLock, LocksAreTakenInTheOrderOfTheTable) {
  SpinLock slab(LockRank::slab);
  SpinLock frames(LockRank::frames);
  {
    const LockGuard first(slab);
    const LockGuard second(frames);
  }
  const LockGuard first(frames);
  ASSERT_DEATH(slab.acquire(), "lock order: taking rank 14 while holding ranks 0x8000");
  ASSERT_DEATH(frames.acquire(), "lock order: taking rank 15 while holding ranks 0x8000");
}

TEST(SpinLock, NoneIsHeldWhereAnotherThreadMayRun) {
  SpinLock lock(LockRank::object);
  SpinLock::check_none_held();
  const LockGuard guard(lock);
  EXPECT_DEATH(SpinLock::check_none_held(), "are held where another thread may run");
}

// Hart 1, which holds a lock and releases it when another hart looks whether it is free.
struct Holder final : sim::Watcher {
  explicit Holder(SpinLock& its_lock) : lock(its_lock) {
    sim::current_hart = 1;
    lock.acquire();
    sim::current_hart = 0;
    sim::watcher = this;
  }
  void touch(const void* /*word*/, sim::Touch touch, std::memory_order /*order*/) override {
    if (touch != sim::Touch::load) return;
    sim::watcher = nullptr;
    sim::current_hart = 1;
    lock.release();
    sim::current_hart = 0;
  }
  SpinLock& lock;
};

TEST(SpinLock, AHartThatWaitsTakesTheLockWhenItIsReleased) {
  SpinLock lock(LockRank::object);
  const Holder other(lock);
  lock.acquire();
  EXPECT_EQ(sim::watcher, nullptr);
  lock.release();
}

struct Counted : RefCounted {
  explicit Counted(bool& flag) : gone(flag) {}
  static void destroy(Counted* object) { object->gone = true; }
  bool& gone;
};

TEST(Ref, IsSoleAsLongAsNobodyElseHoldsTheObject) {
  bool gone = false;
  Counted object(gone);
  const Ref<Counted> first = Ref<Counted>::adopt(&object);
  EXPECT_EQ(&*first, &object);
  EXPECT_TRUE(first.sole());
  {
    const Ref<Counted> second = Ref<Counted>::share(*first);
    EXPECT_FALSE(first.sole());
  }
  EXPECT_TRUE(first.sole());
  EXPECT_FALSE(Ref<Counted>().sole());
}

TEST(Ref, TheLastOneDestroys) {
  bool gone = false;
  Counted object(gone);
  Ref<Counted> first = Ref<Counted>::adopt(&object);
  {
    const Ref<Counted> second = first;  // NOLINT(performance-unnecessary-copy-initialization)
    const Ref<Counted> third = Ref<Counted>::share(object);
    EXPECT_TRUE(second == third);
  }
  EXPECT_FALSE(gone);
  Ref<Counted> moved = std::move(first);
  EXPECT_FALSE(first);  // NOLINT: moved from is empty
  moved = Ref<Counted>();
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace ox
