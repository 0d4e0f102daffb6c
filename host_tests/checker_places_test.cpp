// Where the kernel's checker looks, and the place that it names when a rule is broken.
#include <gtest/gtest.h>

#include "sim/process.h"
#include "vm/checker.h"

namespace ox {
namespace {

using namespace sim;

constexpr VirtAddr base{0x10'0000};
constexpr Prot wx{.write = true, .execute = true};

// The kernel's half has a gigapage at index 256, and at index 511 a level-1 table, which here leads to a level-0 table.
class Places : public testing::Test {
 protected:
  Places() : process(machine.new_process()) {
    machine.set_auditing(false);
    EXPECT_TRUE(process->map(pages(base), rw));
    EXPECT_TRUE(process->store(base, Pte::kernel_leaf(Ppn(), wx).bits()));
    level1().set(3, Pte::next_level(level0_));
  }
  ~Places() override {
    process.reset();
    level1().set(3, Pte());
    EXPECT_TRUE(frames().drop(level0_));
    frames().free(level0_, Content::any);
    machine.set_auditing(true);
  }

  Frames& frames() { return machine.memory().frames; }
  PageTable& root() { return PageTable::at(machine.memory().kernel_root); }
  PageTable& level1() { return PageTable::at(root().get(511).frame()); }
  PageTable& level0() { return PageTable::at(level0_); }
  // A page with a word that would be a wrong entry if the page were a table.
  Ppn page() { return process->frame(base); }

  void recount(Process* child = nullptr) {
    Checker checker(machine.memory(), seen_);
    checker.begin();
    checker.add(process->space());
    if (child != nullptr) checker.add(child->space());
    checker.finish();
  }
  // The entry becomes a mapping with write and execute, and the panic names its place.
  void expect_named(PageTable& table, unsigned index, const std::string& place) {
    const std::string panic = "rule 13: a mapping of the kernel: pid 0, " + place + ", entry 0x2000000ef, count 0";
    EXPECT_DEATH((table.set(index, Pte::kernel_leaf(Ppn(0x80'0000), wx)), recount()), panic);
  }
  void expect_path_ends(VirtAddr va) { Checker(machine.memory(), seen_).path(process->space(), va); }

  Machine machine{64};
  std::unique_ptr<Process> process;

 private:
  const Ppn level0_ = *frames().alloc(FrameKind::kernel, Content::zero);
  std::vector<std::uint32_t> seen_ = std::vector<std::uint32_t>(100);
};

TEST_F(Places, AMappingOfTheKernelsIsNamedByItsAddressAndEntry) {
  expect_named(root(), 256, "address 0xffffffc000000000, level-2 table 0x[0-9a-f]+, index 256");
  expect_named(root(), 510, "address 0xffffffff80000000, level-2 table 0x[0-9a-f]+, index 510");
  expect_named(level1(), 0, "address 0xffffffffc0000000, level-1 table 0x[0-9a-f]+, index 0");
  expect_named(level1(), 511, "address 0xffffffffffe00000, level-1 table 0x[0-9a-f]+, index 511");
  expect_named(level0(), 0, "address 0xffffffffc0600000, level-0 table 0x[0-9a-f]+, index 0");
  expect_named(level0(), 511, "address 0xffffffffc07ff000, level-0 table 0x[0-9a-f]+, index 511");
}

TEST_F(Places, APanicEndsWithTheRuleAndWhereToReadOn) {
  EXPECT_DEATH((level0().set(1, Pte::kernel_leaf(page(), wx)), recount()),
               "Rule 13: No mapping is both writable and executable.*Read on: kernel/vm/README.md, rule 13");
}

TEST_F(Places, APageThatTheKernelMapsIsNoTable) {
  level1().set(7, Pte::kernel_leaf(page(), rw));
  level0().set(7, Pte::kernel_leaf(page(), rw));
  recount();
}

TEST_F(Places, AnEntryOfTheLastLevelLeadsToNoTable) {
  level0().set(7, Pte(page().value() << 10));  // maps nothing
  recount();
}

TEST_F(Places, AUsersEntryIsNamedByItsProcessAndAddress) {
  PageTable& table = PageTable::at(process->path(base).table[0]);
  const std::string place = "pid " + std::to_string(process->pid()) + ", address 0x100000, level-0 table 0x[0-9a-f]+, ";
  EXPECT_DEATH((table.set(base.index(0), Pte::user_leaf(Ppn(0x100), rw)), recount()),
               "rule 1: entry names no frame: " + place + "index 256, entry 0x401d3, count 0");
}

TEST_F(Places, APathEndsWhereItsTablesEnd) {
  expect_path_ends(base);
  expect_path_ends(base + page_size);
  expect_path_ends(base + entry_span(1));
  expect_path_ends(base + entry_span(2));
}

TEST_F(Places, TheZeroFrameIsReadFromItsFirstWordToItsLast) {
  PageTable& zero = PageTable::at(machine.zero());
  for (const unsigned index : {0u, table_entries - 1}) {
    EXPECT_DEATH((zero.set(index, Pte(7)), recount()), "rule 12: the zero frame was written: 0x7");
  }
  PageTable& behind = PageTable::at(machine.zero() + 1);
  const Pte word = behind.get(0);
  behind.set(0, Pte(7));
  recount();
  behind.set(0, word);
}

TEST_F(Places, AFrameThatIsLostIsMissingInTheSum) {
  const auto corrupt = [&] {
    Frame& lost = frames().record(*frames().alloc(FrameKind::page, Content::any));
    lost.count.store(0);
    lost.kind = FrameKind::free;
  };
  const std::size_t all = frames().total(), free = machine.free_frames();
  EXPECT_DEATH((corrupt(), recount()), "rule 1: " + std::to_string(all - free) + " frames are referenced and " +
                                           std::to_string(free - 1) + " free, of " + std::to_string(all));
}

// Parent and child have indices of their own, which share blocks.
TEST_F(Places, ABlockOfRegionsThatIsCountedTooLow) {
  for (std::uint64_t i = 1; i < 250; ++i) ASSERT_TRUE(process->map(pages(base + 2 * i * page_size), rw));
  auto child = process->fork(ForkMode::on_demand);
  ASSERT_TRUE(child->map(pages(base + page_size), ro));
  recount(child.get());
  const auto corrupt = [&] {
    process->space().regions().for_each_block([&](Ppn block) { frames().record(block).count.store(1); });
  };
  EXPECT_DEATH((corrupt(), recount(child.get())), "rule 1: frame .* .kind kernel. has count 1, but 2 references");
  child.reset();
}

}  // namespace
}  // namespace ox
