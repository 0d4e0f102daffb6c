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
  ASSERT_DEATH(slab.acquire(), "lock order");
  ASSERT_DEATH(frames.acquire(), "lock order");
}

struct Counted : RefCounted {
  explicit Counted(bool& flag) : gone(flag) {}
  static void destroy(Counted* object) { object->gone = true; }
  bool& gone;
};

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
