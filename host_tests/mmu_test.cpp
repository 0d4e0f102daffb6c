// Tests of the simulated MMU itself: the walk of the privileged specification, and the entries that a TLB may hold on
// to. Entries are written as bits here: the tests use nothing of kernel/vm.
#include "sim/mmu.h"

#include <gtest/gtest.h>

#include <vector>

#include "arch/memory.h"

namespace ox {
namespace {

using sim::Hardware;
using sim::Privilege;
using sim::Use;

constexpr std::uint64_t v = 1, r = 2, w = 4, x = 8, u = 16, g = 32, a = 64, d = 128;
constexpr std::uint64_t root = 0x80000, middle = 0x80001, low = 0x80002, page = 0x80003, other = 0x80004;

// The path: root -> middle -> low -> page, at indices 1, 2, 3.
constexpr std::uint64_t va = 1ull << 30 | 2ull << 21 | 3ull << 12;

class MmuTest : public testing::Test {
 protected:
  MmuTest() { start({}); }
  ~MmuTest() override { sim::arena = {}; }

  void start(Hardware hardware) {
    ram_.assign(8 * 512, 0);
    sim::arena = {reinterpret_cast<std::byte*>(ram_.data()), ram_.size() * 8};
    mmu_ = std::make_unique<sim::Mmu>(hardware, root, 8);
    mmu_->set_root(root);
    set(root, 1, middle << 10 | v);
    set(middle, 2, low << 10 | v);
    leaf(r | w | u | a | d);
  }
  void set(std::uint64_t table, unsigned index, std::uint64_t entry) { ram_[(table - root) * 512 + index] = entry; }
  void leaf(std::uint64_t flags, std::uint64_t frame = page) { set(low, 3, frame << 10 | v | flags); }
  bool allows(Use use, Privilege privilege = Privilege::user) {
    const bool allowed = mmu_->translate(va, use, privilege).has_value();
    mmu_->fence_all();
    return allowed;
  }
  auto load(std::uint64_t address = va) { return mmu_->translate(address, Use::load, Privilege::user); }
  auto store(std::uint64_t address = va) { return mmu_->translate(address, Use::store, Privilege::user); }

  std::vector<std::uint64_t> ram_;
  std::unique_ptr<sim::Mmu> mmu_;
};

TEST_F(MmuTest, TranslatesThroughThreeLevels) { EXPECT_EQ(load(va + 0x123), page << 12 | 0x123); }

TEST_F(MmuTest, AnAddressThatIsNotSignExtendedFaults) {
  EXPECT_FALSE(load(va | 1ull << 39));
  EXPECT_FALSE(load(va | 1ull << 63));
}

TEST_F(MmuTest, PermissionsAreTheLeafs) {
  leaf(r | u | a | d);
  EXPECT_TRUE(allows(Use::load));
  EXPECT_FALSE(allows(Use::store));
  EXPECT_FALSE(allows(Use::fetch));
  leaf(x | u | a | d);
  EXPECT_FALSE(allows(Use::load));
  EXPECT_TRUE(allows(Use::fetch));
}

TEST_F(MmuTest, UserAndSupervisorPagesAreApart) {
  EXPECT_FALSE(allows(Use::load, Privilege::supervisor));
  leaf(r | w | a | d);
  EXPECT_TRUE(allows(Use::load, Privilege::supervisor));
  EXPECT_FALSE(allows(Use::load));
}

TEST_F(MmuTest, ReservedEncodingsFault) {
  leaf(w | u | a | d);
  EXPECT_FALSE(allows(Use::store)) << "W without R";
  set(low, 3, 1ull << 54 | page << 10 | v | r | u | a | d);
  EXPECT_FALSE(allows(Use::load)) << "bit 54";
  set(low, 3, page << 10 | v);
  EXPECT_FALSE(allows(Use::load)) << "a pointer at level 0";
  leaf(r | u | a | d);
  for (const std::uint64_t flag : {u, a, d}) {
    set(middle, 2, low << 10 | v | flag);
    EXPECT_FALSE(allows(Use::load)) << "non-leaf with flag " << flag;
  }
  set(middle, 2, low << 10 | v | g);
  EXPECT_TRUE(allows(Use::load)) << "G is allowed in a non-leaf";
}

TEST_F(MmuTest, SuperpagesMustBeAligned) {
  set(root, 1, 0x80000ull << 10 | v | r | u | a | d);
  EXPECT_EQ(load(), 0x8000'0000ull | (va & 0x3fff'ffff));
  mmu_->fence_all();
  set(root, 1, 0x80001ull << 10 | v | r | u | a | d);
  EXPECT_FALSE(load());
}

TEST_F(MmuTest, SvadeFaultsWithoutAOrDAndSvaduDiesOfHavingToWriteATable) {
  leaf(r | w | u | a);
  EXPECT_DEATH(store(), "hardware has to write a page table");
  start({.svade = true});
  leaf(r | w | u | d);
  EXPECT_FALSE(allows(Use::load));
  leaf(r | w | u | a);
  EXPECT_TRUE(allows(Use::load));
  EXPECT_FALSE(allows(Use::store));
}

TEST_F(MmuTest, AStoreUsesACachedEntryThoughMemorySaysOtherwise) {
  EXPECT_TRUE(store());
  leaf(r | u | a | d);
  EXPECT_TRUE(store()) << "W is cached until the fence";
  mmu_->fence_leaf(va);
  EXPECT_FALSE(store());
  leaf(r | w | u | a | d);
  EXPECT_FALSE(store()) << "so is its absence";
}

TEST_F(MmuTest, AFenceForAnAddressForgetsItsLeafButNoTable) {
  EXPECT_EQ(load(), page << 12);
  set(middle, 2, other << 10 | v);
  set(other, 3, other << 10 | v | r | u | a | d);
  mmu_->fence_leaf(va);
  EXPECT_EQ(load(), page << 12) << "the old table is still cached";
  mmu_->fence_all();
  EXPECT_EQ(load(), other << 12);
}

TEST_F(MmuTest, AFenceForOneAddressLeavesAnother) {
  set(low, 4, other << 10 | v | r | u | a | d);
  EXPECT_TRUE(load(va + 4096));
  set(low, 4, 0);
  mmu_->fence_leaf(va);
  EXPECT_TRUE(load(va + 4096));
}

TEST_F(MmuTest, ANewRootAloneForgetsNothing) {
  EXPECT_TRUE(load());
  mmu_->set_root(other);
  EXPECT_EQ(load(), page << 12);
}

TEST_F(MmuTest, InvalidEntriesAreCachedOnlyIfAsked) {
  leaf(0);
  ram_[(low - root) * 512 + 3] = 0;
  EXPECT_FALSE(load());
  leaf(r | u | a | d);
  EXPECT_TRUE(load());
  start({.cache_invalid = true});
  set(low, 3, 0);
  EXPECT_FALSE(load());
  leaf(r | u | a | d);
  EXPECT_FALSE(load());
  mmu_->fence_leaf(va);
  EXPECT_TRUE(load());
}

TEST_F(MmuTest, ASpeculatingOneReadsAgainAtTheFence) {
  start({.speculates = true});
  EXPECT_TRUE(load());
  mmu_->fence_all();
  leaf(r | u | a | d, other);
  EXPECT_EQ(load(), page << 12) << "changed after the fence";
  mmu_->fence_leaf(va);
  EXPECT_EQ(load(), other << 12);
}

TEST_F(MmuTest, KnowsWhichFramesItCaches) {
  load();
  EXPECT_TRUE(mmu_->caches(page));
  EXPECT_TRUE(mmu_->caches(low));
  EXPECT_TRUE(mmu_->caches(middle));
  EXPECT_FALSE(mmu_->caches(other));
  mmu_->fence_leaf(va);
  EXPECT_FALSE(mmu_->caches(page));
  EXPECT_TRUE(mmu_->caches(low));
  mmu_->fence_all();
  EXPECT_FALSE(mmu_->caches(low));
}

TEST_F(MmuTest, InstructionsStayCachedUntilFenceI) {
  ram_[(page - root) * 512] = 1;
  EXPECT_EQ(mmu_->fetch(page << 12), 1u);
  ram_[(page - root) * 512] = 2;
  EXPECT_EQ(mmu_->fetch(page << 12), 1u);
  mmu_->fence_instructions();
  EXPECT_EQ(mmu_->fetch(page << 12), 2u);
}

}  // namespace
}  // namespace ox
