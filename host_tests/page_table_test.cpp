// Entries and the tree they make (kernel/vm/pte.h, page_table.cpp).
#include <gtest/gtest.h>

#include "observe/tally.h"
#include "sim/process.h"
#include "vm/page_tree.h"

namespace ox {
namespace {

using namespace sim;

constexpr VirtAddr base{0x4020'3000};  // indices 1, 1, 3

// Expected bits are written out as in the specification's figure, because the names of the flags are under test.
TEST(Pte, ATableIsVAndAFrame) { EXPECT_EQ(Pte::next_level(Ppn(0x80123)).bits(), 0x80123ull << 10 | 0b0000'0001); }

TEST(Pte, AUsersLeafNeverHasWButRemembersThatItMay) {
  EXPECT_EQ(Pte::user_leaf(Ppn(1), rw).bits(), 1ull << 10 | 0b01'1101'0011);
  EXPECT_EQ(Pte::user_leaf(Ppn(1), {.write = true}).bits(), 1ull << 10 | 0b01'1101'0011);
  EXPECT_EQ(Pte::user_leaf(Ppn(1), ro).bits(), 1ull << 10 | 0b00'1101'0011);
  EXPECT_EQ(Pte::user_leaf(Ppn(1), rx).bits(), 1ull << 10 | 0b00'1101'1011);
  EXPECT_EQ(Pte::user_leaf(Ppn(1), none).bits(), 1ull << 10 | 0b00'1101'0000);
}

TEST(Pte, AKernelsLeafIsGlobalAndNotTheUsers) {
  EXPECT_EQ(Pte::kernel_leaf(Ppn(1), rw).bits(), 1ull << 10 | 0b00'1110'0111);
  EXPECT_EQ(Pte::kernel_leaf(Ppn(1), rx).bits(), 1ull << 10 | 0b00'1110'1011);
}

TEST(Pte, ALeafIsWhatAllowsAnAccess) {
  EXPECT_TRUE(Pte::kernel_leaf(Ppn(1), ro).is_leaf());
  EXPECT_TRUE(Pte::user_leaf(Ppn(1), {.execute = true}).is_leaf());
  EXPECT_TRUE(Pte(Pte::V | Pte::W).is_leaf());
  EXPECT_FALSE(Pte::user_leaf(Ppn(1), none).is_leaf());
  EXPECT_FALSE(Pte::next_level(Ppn(1)).is_leaf());
  EXPECT_FALSE(Pte().is_leaf());
}

TEST(Pte, FlagsAndFrameChangeIndependently) {
  const Pte leaf = Pte::user_leaf(Ppn(7), rw).with(Pte::W);
  EXPECT_TRUE(leaf.is_writable());
  EXPECT_EQ(leaf.with_frame(Ppn(9)).frame(), Ppn(9));
  EXPECT_EQ(leaf.with_frame(Ppn(9)).with_frame(Ppn(7)), leaf);
  EXPECT_EQ(leaf.without(Pte::W), Pte::user_leaf(Ppn(7), rw));
  EXPECT_EQ(Pte::next_level(Ppn((1ull << 44) - 1)).frame(), Ppn((1ull << 44) - 1));
}

TEST(Pte, PermitsWhatHardwarePermits) {
  const Pte leaf = Pte::user_leaf(Ppn(7), rw);
  EXPECT_TRUE(leaf.permits(Access::load));
  EXPECT_FALSE(leaf.permits(Access::store));
  EXPECT_TRUE(leaf.with(Pte::W).permits(Access::store));
  EXPECT_FALSE(leaf.permits(Access::execute));
  EXPECT_FALSE(leaf.without(Pte::V).permits(Access::load));
  EXPECT_FALSE(Pte().permits(Access::load));
}

class Tree : public testing::Test {
 protected:
  Tree() : process(machine.new_process()) { EXPECT_TRUE(process->map(pages(base, 4), rw)); }
  const PageTree& table() { return process->space().tree(); }
  Frames& frames() { return machine.memory().frames; }

  Machine machine{64};
  std::unique_ptr<Process> process;
};

TEST_F(Tree, AWalkEndsWhereTablesEnd) {
  EXPECT_EQ(process->path(base).lowest, 2);
  EXPECT_TRUE(process->path(base).leaf.is_empty());
  process->store(base, 1);
  const Path path = process->path(base);
  EXPECT_EQ(path.lowest, 0);
  EXPECT_EQ(path.owned, 0);
  EXPECT_EQ(path.table[2], table().root());
  EXPECT_FALSE(path.leaf.is_empty());
  EXPECT_EQ(process->path(base + entry_span(1)).lowest, 1);
  EXPECT_EQ(process->path(base + entry_span(2)).lowest, 2);
}

TEST_F(Tree, OwnedEndsAtTheFirstSharedTable) {
  process->store(base, 1);
  auto child = process->fork(ForkMode::on_demand);
  EXPECT_EQ(process->path(base).owned, 2) << "below a shared table nothing is owned, even with count 1";
  EXPECT_EQ(table().find_owned(base), Ppn());
  EXPECT_FALSE(frames().is_shared(process->path(base).table[0]));
  child->store(base, 2);
  EXPECT_EQ(table().find_owned(base), process->path(base).table[0]);
  EXPECT_EQ(process->path(base).owned, 0);
  EXPECT_EQ(child->path(base).owned, 0);
}

TEST_F(Tree, TablesAndPagesHaveTheirKinds) {
  process->store(base, 1);
  const Path path = process->path(base);
  for (const Ppn at : path.table) EXPECT_EQ(frames().record(at).kind, FrameKind::table);
  EXPECT_EQ(frames().record(path.leaf.frame()).kind, FrameKind::page);
  EXPECT_EQ(frames().record(machine.zero()).kind, FrameKind::cached);
  EXPECT_EQ(frames().record(process->space().regions().index_frame()).kind, FrameKind::kernel);
}

TEST_F(Tree, TheRecordSaysWhereToLook) {
  process->store(base, 1);
  process->load(base + page_size);
  const Path path = process->path(base);
  for (int level = 0; level <= 2; ++level) {
    const Frame& record = frames().record(path.table[static_cast<unsigned>(level)]);
    EXPECT_EQ(record.used_groups, group_bit(base.index(level)));
    EXPECT_EQ(record.writable_groups, group_bit(base.index(level)));
  }
}

TEST_F(Tree, LoadsAloneMakeNoGroupWritable) {
  process->load(base);
  EXPECT_EQ(frames().record(table().root()).writable_groups, 0u);
  EXPECT_EQ(frames().record(process->path(base).table[0]).writable_groups, 0u);
}

TEST_F(Tree, EveryRootHasTheKernelsHalf) {
  const PageTable& root = PageTable::at(table().root());
  const PageTable& kernel = PageTable::at(machine.memory().kernel_root);
  for (unsigned index = 256; index < 512; ++index) EXPECT_EQ(root.get(index), kernel.get(index));
  EXPECT_EQ(frames().record(kernel.get(511).frame()).count.load(), 1u) << "it is not counted";
}

TEST_F(Tree, AGroupThatIsEmptiedIsNotInUse) {
  constexpr VirtAddr first{entry_span(2)};  // in the first group of its tables
  ASSERT_TRUE(process->map(pages(first), rw));
  ASSERT_TRUE(process->store(first, 1));
  const Frame& record = frames().record(process->path(first).table[0]);
  ASSERT_TRUE(process->unmap(pages(first)));
  EXPECT_EQ(record.used_groups, 0u);
  EXPECT_EQ(record.writable_groups, 0u);
}

TEST_F(Tree, AnExitFreesTablesPagesAndTheRoot) {
  const std::size_t before = machine.free_frames();
  auto other = machine.new_process();
  EXPECT_TRUE(other->map(pages(base, 4), rw));
  for (unsigned i = 0; i < 4; ++i) EXPECT_TRUE(other->store(base + i * page_size, i));
  EXPECT_EQ(machine.free_frames(), before - 2 - block - 2 - 4);
  other.reset();
  EXPECT_EQ(machine.free_frames(), before);
}

TEST_F(Tree, TheTallyTellsOwnFromShared) {
  for (unsigned i = 0; i < 3; ++i) process->store(base + i * page_size, i);
  process->load(base + 3 * page_size);
  TreeTally sum = tally(machine.memory(), process->space().tree().root());
  EXPECT_EQ(sum.own, (std::array<std::uint32_t, 4>{3, 1, 1, 1}));
  EXPECT_EQ(sum.shared[0], 1u) << "the zero frame";
  auto child = process->fork(ForkMode::cow);
  sum = tally(machine.memory(), child->space().tree().root());
  EXPECT_EQ(sum.own[0], 0u);
  EXPECT_EQ(sum.shared[0], 4u);
  auto other = child->fork(ForkMode::on_demand);
  sum = tally(machine.memory(), other->space().tree().root());
  EXPECT_EQ(sum.own, (std::array<std::uint32_t, 4>{0, 0, 0, 1}));
  EXPECT_EQ(sum.shared, (std::array<std::uint32_t, 4>{0, 0, 1, 0}));
}

class Lines final : public TextSink {
 public:
  void write(std::string_view text) override { text_ += text; }
  std::string_view text() const { return text_; }

 private:
  std::string text_;
};

TEST_F(Tree, APrintedTreeHasALineForEachEntryInUse) {
  process->store(base, 1);
  process->load(base + page_size);
  const Path path = process->path(base);
  Lines lines, expected;
  print_tree(machine.memory(), table().root(), root_level, VirtAddr(), lines);
  format(expected, "level 2 0040000000 [1]: frame {:x} count 1\n", path.table[1]);
  format(expected, "level 1 0040200000 [1]: frame {:x} count 1\n", path.table[0]);
  format(expected, "level 0 0040203000 [3]: frame {:x} count 1 W\n", path.leaf.frame());
  format(expected, "level 0 0040204000 [4]: frame {:x} count 2\n", machine.zero());
  EXPECT_EQ(lines.text(), expected.text());
}

TEST_F(Tree, UnmappedGroupsAreNotLookedAtAgain) {
  EXPECT_TRUE(process->map(pages(base + 4 * page_size, 60), rw));
  for (unsigned i = 0; i < 64; i += 8) process->store(base + i * page_size, i);
  const Frame& record = frames().record(table().find_owned(base));
  ASSERT_EQ(record.used_groups, 0b1111u);
  EXPECT_TRUE(process->unmap(pages(base + 24 * page_size, 25)));  // half of group 1, group 2, one entry of group 3
  EXPECT_EQ(record.used_groups, 0b1011u);
  EXPECT_EQ(record.writable_groups, 0b1011u);
}

TEST_F(Tree, AFrameIsDroppedOnlyAfterTheFence) {
  process->store(base, 1);
  auto child = process->fork(ForkMode::on_demand);
  process->load(base);
  child.reset();
  auto second = process->fork(ForkMode::cow);
  process->load(base);
  second.reset();
  // The parent has the only references, and its hart caches all the entries. So a drop before the fence is a panic.
  EXPECT_TRUE(process->unmap(pages(base, 4)));
}

}  // namespace
}  // namespace ox
