// The kernel's checker finds each broken rule and reports its number. So does the simulator's separate audit.
#include "vm/checker.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <functional>

#include "sim/process.h"

namespace ox {
namespace {

using namespace sim;

constexpr VirtAddr base{0x10'0000};
constexpr std::uint64_t code = 2 * page_size;  // offset of a page of code from base

class Broken : public testing::Test {
 protected:
  Broken() : process(machine.new_process()), seen_(100) {
    EXPECT_TRUE(process->map(pages(base, 2), rw));
    EXPECT_TRUE(process->map(pages(base + code), rx));
    EXPECT_TRUE(process->store(base, 1));
    EXPECT_TRUE(process->fetch(base + code) == 0u);
    machine.set_auditing(false);
  }
  ~Broken() override {
    process.reset();
    machine.set_auditing(true);
  }

  // Both must find what `corrupt` does. The test runs in a process of its own, since it breaks the machine.
  void expect(const char* kernel_says, const char* audit_says, const std::function<void()>& corrupt) {
    const auto recount = [&] {
      Checker checker(machine.memory(), seen_);
      checker.begin();
      checker.add(process->space());
      if (child) checker.add(child->space());
      checker.finish();
    };
    EXPECT_DEATH((corrupt(), recount()), kernel_says);
    EXPECT_EXIT((corrupt(), report_audit()), testing::ExitedWithCode(0), audit_says);
  }
  // The same for the path to one address, which the checker looks at after each trap.
  void expect_path(const char* kernel_says, const std::function<void()>& corrupt) {
    Checker checker(machine.memory(), seen_);
    checker.path(process->space(), base);
    EXPECT_DEATH((corrupt(), checker.path(process->space(), base)), kernel_says);
  }
  [[noreturn]] void report_audit() {
    Auditor auditor;
    Auditor::Scene scene{
        .memory = machine.memory(), .spaces = {&process->space()}, .handles = {machine.zero()}, .harts = {}};
    if (child) scene.spaces.push_back(&child->space());
    for (const std::string& line : auditor.check(scene)) std::fprintf(stderr, "%s\n", line.c_str());
    std::exit(0);
  }

  Path path() const { return process->path(base); }
  Frame& record(Ppn frame) { return machine.memory().frames.record(frame); }
  void change_leaf(std::uint64_t set, std::uint64_t clear = 0, VirtAddr va = base) {
    PageTable& table = PageTable::at(process->path(va).table[0]);
    const std::uint64_t bits = table.get(va.index(0)).bits();
    table.set(va.index(0), Pte((bits | set) & ~clear));
  }

  Machine machine{64};
  std::unique_ptr<Process> process;
  std::unique_ptr<Process> child;

 private:
  std::vector<std::uint32_t> seen_;
};

TEST_F(Broken, AnUnbrokenMachinePasses) {
  EXPECT_EXIT(report_audit(), testing::ExitedWithCode(0), "^rule 1: frame");  // it does not know the kernel's handles
  machine.set_auditing(true);
  machine.audit();
  machine.set_auditing(false);
}

TEST_F(Broken, ACountThatIsTooHigh) {
  expect("rule 1: frame", "rule 1: frame .* has count 3, references: 2",
         [&] { machine.memory().frames.share(machine.zero()); });
}

TEST_F(Broken, ACountThatIsTooLow) {
  expect("rule 1: frame", "rule 1: frame .* has count 1, references: 2",
         [&] { record(machine.zero()).count.store(1); });
}

TEST_F(Broken, AnEntryThatNamesAFreeFrame) {
  expect("rule 1: entry names a free frame", "rule 1: frame .* has count 0, references: 1",
         [&] { record(path().leaf.frame()).count.store(0); });
  expect_path("rule 1: entry names a free frame", [&] { record(path().leaf.frame()).kind = FrameKind::free; });
}

TEST_F(Broken, AnEntryThatNamesNoRam) {
  expect("rule 1: entry names no frame", "names no frame", [&] { change_leaf(1ull << 40); });
  expect_path("rule 1: entry names no frame", [&] { change_leaf(1ull << 40); });
}

TEST_F(Broken, AKernelHalfOfItsOwn) {
  expect("rule 1: the kernel's half differs", "kernel's half",
         [&] { PageTable::at(process->space().tree().root()).set(300, Pte::kernel_leaf(Ppn(0x80000), rw)); });
}

TEST_F(Broken, ANonLeafWithFlags) {
  for (const std::uint64_t flag : {Pte::A, Pte::D, Pte::U, Pte::G, Pte::MAY_WRITE}) {
    const auto corrupt = [&] {
      PageTable& table = PageTable::at(path().table[1]);
      table.set(base.index(1), table.get(base.index(1)).with(flag));
    };
    expect("rule 2: flags in a non-leaf", "rule 2: non-leaf", corrupt);
  }
}

TEST_F(Broken, ALeafWithoutUOrAOrD) {
  for (const std::uint64_t flag : {Pte::U, Pte::A, Pte::D}) {
    expect("rule 2: a leaf without", "rule 2: U, A or D missing", [&] { change_leaf(0, flag); });
    expect_path("rule 2: a leaf without", [&] { change_leaf(0, flag); });
  }
}

TEST_F(Broken, ALeafWithReservedBits) {
  for (const std::uint64_t flag : {1ull << 63, 1ull << 54, 1ull << 5}) {
    expect("rule 2: reserved bits", "rule 2: reserved", [&] { change_leaf(flag); });
  }
}

TEST_F(Broken, ASharedLeafInAPrivateMapping) {
  expect("rule 3: a leaf that its region", "SHARED is not the region's", [&] { change_leaf(Pte::MAP_SHARED); });
}

TEST_F(Broken, AValidLeafWithoutAccess) {
  expect("rule 2: a valid leaf without access", "rule 3: not the region's R", [&] { change_leaf(0, Pte::R | Pte::W); });
}

TEST_F(Broken, ATableInALeaf) {
  expect("rule 2: a leaf names a frame that is no page", "rule 2: a leaf names",
         [&] { record(path().leaf.frame()).kind = FrameKind::table; });
}

TEST_F(Broken, APageInTheTree) {
  expect("rule 2: non-leaf entry names no table", "rule 2: .* is used as a table",
         [&] { record(path().table[0]).kind = FrameKind::page; });
}

TEST_F(Broken, WWithoutMayWrite) {
  expect("rule 3: W without", "rule 3: W without", [&] { change_leaf(0, Pte::MAY_WRITE); });
  expect("rule 3: W without", "rule 3: W without", [&] { change_leaf(0, Pte::V); });
}

TEST_F(Broken, WOnASharedPage) {
  child = process->fork(ForkMode::cow);
  expect("rule 3: W on a shared page", "rule 3: W on a shared page", [&] { change_leaf(Pte::W); });
  expect_path("rule 3: W on a shared page", [&] { change_leaf(Pte::W); });
  child.reset();
}

TEST_F(Broken, WBelowASharedTable) {
  child = process->fork(ForkMode::on_demand);
  expect("rule 3: W below a shared table", "rule 3: W below a shared table", [&] { change_leaf(Pte::W); });
  expect_path("rule 3: W below a shared table", [&] { change_leaf(Pte::W); });
  child.reset();
}

TEST_F(Broken, UsedGroupsThatSayTooLittle) {
  for (const unsigned level : {0u, 1u, 2u}) {
    expect("rule 5: used groups", "rule 5: table .* uses groups", [&] { record(path().table[level]).used_groups = 0; });
    expect_path("rule 5: used groups", [&] { record(path().table[level]).used_groups = 0; });
  }
}

TEST_F(Broken, WritableGroupsThatSayTooLittle) {
  for (const unsigned level : {0u, 1u, 2u}) {
    expect("rule 5: writable groups", "rule 5: table .* is hot in",
           [&] { record(path().table[level]).writable_groups = 0; });
    expect_path("rule 5: writable groups", [&] { record(path().table[level]).writable_groups = 0; });
  }
}

TEST_F(Broken, ASharedTableWithWritableGroups) {
  child = process->fork(ForkMode::on_demand);
  for (const unsigned level : {0u, 1u}) {
    expect("rule 5: a shared table has writable groups", "rule 5: shared table",
           [&] { record(path().table[level]).writable_groups = ~0u; });
  }
  child.reset();
}

TEST_F(Broken, WriteWithExecute) {
  expect("rule 13: write and execute", "rule 13: W with X", [&] { change_leaf(Pte::X); });
  expect("rule 13: write and execute", "rule 13: W with X", [&] { change_leaf(Pte::MAY_WRITE, 0, base + code); });
}

TEST_F(Broken, ALeafThatIsNotAsItsRegionSays) {
  expect("rule 3: a leaf that its region does not allow", "rule 3: not the region's R",
         [&] { change_leaf(0, Pte::R, base + code); });
  expect("rule 3: a leaf that its region does not allow", "rule 3: MAY_WRITE",
         [&] { change_leaf(0, Pte::W | Pte::MAY_WRITE); });
}

TEST_F(Broken, AKernelMappingThatCanBeWrittenAndExecuted) {
  const auto corrupt = [&](std::uint64_t flag) {
    PageTable& kernel = PageTable::at(machine.memory().kernel_root);
    kernel.set(256, kernel.get(256).with(flag));
  };
  expect("rule 13: a mapping of the kernel", "kernel's half", [&] { corrupt(Pte::X); });
  expect("rule 13: a mapping of the kernel", "kernel's half", [&] { corrupt(Pte::U); });
}

TEST_F(Broken, AFrameThatNobodyNamesButIsCounted) {
  expect("rule 1: frame", "rule 1: frame .* has count 1, references: 0",
         [&] { (void)machine.memory().frames.alloc(FrameKind::page, Content::any); });
}

// Only the simulator can know these: the entries that a hart caches, and the bytes that a shared page had before.

TEST_F(Broken, AnEntryThatChangedWithoutAFence) {
  change_leaf(0, Pte::W);
  machine.set_auditing(true);
  EXPECT_NONFATAL_FAILURE(machine.audit(), "rule 6: not fenced");
  machine.set_auditing(false);
  change_leaf(Pte::W);
}

TEST_F(Broken, ASharedPageThatWasWritten) {
  child = process->fork(ForkMode::cow);
  machine.set_auditing(true);
  machine.audit();
  *to_pointer(path().leaf.frame()) = std::byte{2};
  EXPECT_NONFATAL_FAILURE(machine.audit(), "rule 2: shared frame");
  machine.set_auditing(false);
  child.reset();
}

TEST_F(Broken, AFreedFrameThatAHartStillCaches) {
  EXPECT_DEATH(
      {
        const Ppn frame = path().leaf.frame();
        (void)machine.memory().frames.drop(frame);
        machine.memory().frames.free(frame, Content::any);
      },
      "freed frame .* is still cached by hart 0");
}

TEST_F(Broken, AFreedFrameThatAHartStandsOn) {
  EXPECT_DEATH(
      {
        sfence_vma_all();
        machine.memory().frames.free(process->space().tree().root(), Content::any);
      },
      "freed frame .* is hart 0's root");
}

}  // namespace
}  // namespace ox
