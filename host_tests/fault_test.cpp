// Page faults: each outcome (kernel/vm/fault.cpp), on each kind of hardware.
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "sim/process.h"

namespace ox {
namespace {

using namespace sim;
using Outcomes = std::vector<FaultOutcome>;

constexpr VirtAddr base{0x10'0000};

class Fault : public testing::TestWithParam<Hardware> {
 protected:
  Fault() : process(machine.new_process()) {}

  Machine machine{64, GetParam(), 2};
  std::unique_ptr<Process> process;
};

INSTANTIATE_TEST_SUITE_P(, Fault,
                         testing::Values(Hardware{false, false, false}, Hardware{false, true, true},
                                         Hardware{true, false, true}, Hardware{true, true, false}),
                         testing::PrintToStringParamName());

TEST_P(Fault, AFirstLoadSeesZerosAndCostsOnlyTables) {
  ASSERT_TRUE(process->map(pages(base, 2), rw));
  const std::size_t before = machine.free_frames();
  EXPECT_EQ(process->load(base + 8), 0u);
  EXPECT_EQ(process->faults(), Outcomes{FaultOutcome::mapped_zero});
  EXPECT_EQ(process->frame(base), machine.zero());
  EXPECT_EQ(machine.free_frames(), before - 2);
  EXPECT_EQ(process->load(base + page_size), 0u);
  EXPECT_EQ(machine.free_frames(), before - 2);
}

TEST_P(Fault, AFirstStoreGetsAFrameOfZeros) {
  ASSERT_TRUE(process->map(pages(base), rw));
  EXPECT_TRUE(process->store(base + 8, 5));
  EXPECT_EQ(process->faults(), Outcomes{FaultOutcome::zeroed});
  EXPECT_EQ(process->load(base), 0u);
  EXPECT_EQ(process->load(base + 8), 5u);
  EXPECT_EQ(process->faults(), Outcomes{});
  EXPECT_EQ(process->count(base), 1u);
}

TEST_P(Fault, AStoreAfterALoadLeavesTheZeroFrame) {
  ASSERT_TRUE(process->map(pages(base), rw));
  process->load(base);
  EXPECT_TRUE(process->store(base, 5));
  EXPECT_EQ(process->faults(), Outcomes{FaultOutcome::zeroed});
  EXPECT_NE(process->frame(base), machine.zero());
  EXPECT_EQ(process->load(base), 5u);
  EXPECT_EQ(machine.pages_copied(), 0u) << "zeros are made, not copied";
}

TEST_P(Fault, AStoreAfterALoadTakesAFrameThatIsZerosAlready) {
  ASSERT_TRUE(process->map(pages(base), rw));
  process->load(base);
  Frames& frames = machine.memory().frames;
  const Ppn zeros = *frames.alloc(FrameKind::table, Content::zero);
  ASSERT_TRUE(frames.drop(zeros));
  frames.free(zeros, Content::zero);
  EXPECT_TRUE(process->store(base, 5));
  EXPECT_EQ(process->frame(base), zeros);
}

TEST_P(Fault, WhereNothingIsMappedEveryAccessIsDenied) {
  EXPECT_FALSE(process->load(base));
  EXPECT_EQ(process->faults(), Outcomes{FaultOutcome::denied});
  EXPECT_FALSE(process->store(base, 1));
  EXPECT_FALSE(process->fetch(base));
  EXPECT_FALSE(process->load(VirtAddr(0)));
  EXPECT_FALSE(process->load(user_end));
  EXPECT_FALSE(process->store(VirtAddr(0xffff'ffc0'8000'0000), 1)) << "the direct map";
}

TEST_P(Fault, ProtectionIsKept) {
  ASSERT_TRUE(process->map(pages(base), ro));
  ASSERT_TRUE(process->map(pages(base + page_size), rx));
  ASSERT_TRUE(process->map(pages(base + 2 * page_size), none));
  for (const bool touched : {false, true}) {
    EXPECT_FALSE(process->store(base, 1)) << touched;
    EXPECT_FALSE(process->fetch(base));
    EXPECT_FALSE(process->store(base + page_size, 1));
    EXPECT_FALSE(process->load(base + 2 * page_size));
    EXPECT_FALSE(process->store(base + 2 * page_size, 1));
    EXPECT_TRUE(process->load(base));
    EXPECT_TRUE(process->fetch(base + page_size));
  }
}

TEST_P(Fault, AWriteOnlyMappingCanBeReadAsOnLinux) {
  ASSERT_TRUE(process->map(pages(base), {.write = true}));
  EXPECT_EQ(process->load(base), 0u);
  EXPECT_TRUE(process->store(base, 3));
  EXPECT_EQ(process->load(base), 3u);
}

TEST_P(Fault, AStoreToAFilesPageCopiesItAndTheFileStays) {
  const Ppn file = machine.new_file_page(7);
  ASSERT_TRUE(process->map(pages(base), rw));
  ASSERT_TRUE(process->map_frame(base, file));
  EXPECT_EQ(process->load(base), 7u);
  EXPECT_EQ(process->faults(), Outcomes{});
  EXPECT_TRUE(process->store(base, 8));
  EXPECT_EQ(process->faults(), Outcomes{FaultOutcome::copied});
  EXPECT_EQ(process->load(base + 8), 7u);
  std::uint64_t word = 0;
  std::memcpy(&word, to_pointer(file), sizeof word);
  EXPECT_EQ(word, 7u);
}

TEST_P(Fault, AMappingIsSeenAfterAFaultAtItsAddress) {
  EXPECT_FALSE(process->load(base));
  ASSERT_TRUE(process->map(pages(base), rw));
  EXPECT_EQ(process->load(base), 0u);
  EXPECT_FALSE(process->load(base + page_size)) << "the walk finds no leaf";
  ASSERT_TRUE(process->map(pages(base + page_size), rw));
  EXPECT_TRUE(process->store(base + page_size, 1));
  EXPECT_FALSE(process->load(base + entry_span(1))) << "so is the table";
  ASSERT_TRUE(process->map(pages(base + entry_span(1)), rw));
  EXPECT_EQ(process->load(base + entry_span(1)), 0u);
}

TEST_P(Fault, AFaultThatFoundNothingToDoIsSpuriousAndCounted) {
  ASSERT_TRUE(process->map(pages(base), rw));
  process->store(base, 1);
  machine.expect_spurious(1);
  const FaultOutcome outcome =
      process->in_kernel([](AddressSpace& space) { return space.handle_fault(base, Access::store); });
  EXPECT_EQ(outcome, FaultOutcome::spurious);
}

TEST_P(Fault, ASpuriousFaultFences) {
  ASSERT_TRUE(process->map(pages(base), rw));
  process->store(base, 1);
  machine.set_auditing(false);
  PageTable& table = PageTable::at(process->path(base).table[0]);
  const Pte leaf = table.get(base.index(0));
  table.set(base.index(0), leaf.without(Pte::W));
  sfence_vma(base);
  process->load(base);  // caches the leaf without W
  table.set(base.index(0), leaf);
  EXPECT_TRUE(process->store(base, 2));
  EXPECT_EQ(process->faults(), Outcomes{FaultOutcome::spurious});
  machine.expect_spurious(1);
  machine.set_auditing(true);
}

TEST_P(Fault, NewCodeIsSeenWhereOldCodeRan) {
  const Ppn old_file = machine.new_file_page(1);
  ASSERT_TRUE(process->map(pages(base), rx));
  ASSERT_TRUE(process->map_frame(base, old_file));
  EXPECT_EQ(process->fetch(base), 1u);
  std::memset(to_pointer(old_file), 2, 8);  // the kernel writes new bytes into the file's frame
  ASSERT_TRUE(process->unmap(pages(base)));
  ASSERT_TRUE(process->map(pages(base), rx));
  ASSERT_TRUE(process->map_frame(base, old_file));
  process->move_to(1);
  EXPECT_EQ(process->fetch(base), 0x0202'0202'0202'0202u);
  process->move_to(0);
  EXPECT_EQ(process->fetch(base), 0x0202'0202'0202'0202u);
}

TEST_P(Fault, CodeThatAFaultBringsIsSeenWhereOldCodeRan) {
  const Ref<File> file = machine.new_file(1, 1, 1);
  ASSERT_TRUE(process->map_file(pages(base), rx, RegionKind::mapping, file));
  EXPECT_EQ(process->fetch(base), 1u);
  ASSERT_TRUE(process->unmap(pages(base)));
  *reinterpret_cast<std::uint64_t*>(to_pointer(file->frame(0))) = 2;  // nobody maps it now
  ASSERT_TRUE(process->map_file(pages(base), rx, RegionKind::mapping, file));
  EXPECT_EQ(process->fetch(base), 2u);
}

TEST_P(Fault, AnEagerChildsCodeIsSeenWhereOldCodeRan) {
  constexpr std::uint64_t count = 8;
  const auto page = [](std::uint64_t number) { return base + number * page_size; };
  ASSERT_TRUE(process->map(pages(base, count), rw));
  for (std::uint64_t i = 0; i < count; ++i) ASSERT_TRUE(process->store(page(i), i));
  ASSERT_TRUE(process->protect(pages(base, count), rx));
  std::map<Ppn, std::uint64_t> cached;  // what hart 1 has run, by frame
  bool reused = false;
  machine.leave_free(60);
  std::vector<std::unique_ptr<Process>> others;  // so the frames fall to other pages
  for (int round = 0; round < 20; ++round) {
    others.push_back(machine.new_process());
    auto child = process->fork(ForkMode::eager);
    child->move_to(1);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto [old, is_new] = cached.insert({child->frame(page(i)), i});
      reused |= !is_new && old->second != i;
      old->second = i;
      EXPECT_EQ(child->fetch(page(i)), i);
    }
  }
  EXPECT_TRUE(reused) << "no frame had other code before: this test shows nothing";
}

TEST_P(Fault, WithoutNewCodeThereIsNoInstructionFence) {
  ASSERT_TRUE(process->map(pages(base), rx));
  EXPECT_EQ(process->fetch(base), 0u);
  auto child = process->fork(ForkMode::on_demand);
  const std::uint64_t before = machine.mmu(0).instruction_fences();
  for (int i = 0; i < 10; ++i) {
    child->load(base);
    process->load(base);
  }
  EXPECT_EQ(machine.mmu(0).instruction_fences(), before);
}

TEST_P(Fault, MemoryThatBecomesExecutableIsFetchedAsItWasWritten) {
  ASSERT_TRUE(process->map(pages(base), rx));
  EXPECT_EQ(process->fetch(base), 0u);
  ASSERT_TRUE(process->protect(pages(base), rw));
  ASSERT_TRUE(process->store(base, 9));
  ASSERT_TRUE(process->protect(pages(base), rx));
  EXPECT_EQ(process->fetch(base), 9u);
  ASSERT_TRUE(process->protect(pages(base), rw));
  ASSERT_TRUE(process->store(base, 10));
  ASSERT_TRUE(process->protect(pages(base), rx));
  EXPECT_EQ(process->fetch(base), 10u);
}

TEST_P(Fault, MemoryThatBecomesExecutableIsFetchedAnewWhereOldCodeRan) {
  const Ppn file = machine.new_file_page(1);
  ASSERT_TRUE(process->map(pages(base), rx));
  ASSERT_TRUE(process->map_frame(base, file));
  EXPECT_EQ(process->fetch(base), 1u);
  ASSERT_TRUE(process->unmap(pages(base)));
  *reinterpret_cast<std::uint64_t*>(to_pointer(file)) = 2;  // nobody maps it now
  ASSERT_TRUE(process->map(pages(base), ro));
  ASSERT_TRUE(process->map_frame(base, file));
  ASSERT_TRUE(process->protect(pages(base), rx));
  EXPECT_EQ(process->fetch(base), 2u);
}

TEST_P(Fault, CodeIsSeenAnewAtOnceWhenItIsExecutableAgain) {
  ASSERT_TRUE(process->map(pages(base), rw));
  ASSERT_TRUE(process->store(base, 9));
  ASSERT_TRUE(process->protect(pages(base), rx));
  process->move_to(1);
  EXPECT_EQ(process->fetch(base), 9u);  // hart 1 has fenced all that was new
  ASSERT_TRUE(process->protect(pages(base), rw));
  ASSERT_TRUE(process->store(base, 10));
  ASSERT_TRUE(process->protect(pages(base), rx));
  EXPECT_EQ(process->fetch(base), 10u);
}

TEST_P(Fault, CodeThatWasWrittenOnOneHartIsSeenOnAnother) {
  ASSERT_TRUE(process->map(pages(base), rw));
  ASSERT_TRUE(process->store(base, 1));
  ASSERT_TRUE(process->protect(pages(base), rx));
  process->move_to(1);
  EXPECT_EQ(process->fetch(base), 1u);
  process->move_to(0);
  ASSERT_TRUE(process->protect(pages(base), rw));
  ASSERT_TRUE(process->store(base, 10));
  ASSERT_TRUE(process->protect(pages(base), rx));
  process->move_to(1);
  EXPECT_EQ(process->fetch(base), 10u);
}

TEST_P(Fault, EveryProcessSeesItsOwnCode) {
  auto child = process->fork(ForkMode::cow);
  for (Process* each : {process.get(), child.get()}) {
    ASSERT_TRUE(each->map(pages(base), rw));
    ASSERT_TRUE(each->store(base, static_cast<std::uint64_t>(each->pid())));
    ASSERT_TRUE(each->protect(pages(base), rx));
  }
  for (Process* each : {process.get(), child.get()}) {
    EXPECT_EQ(each->fetch(base), static_cast<std::uint64_t>(each->pid()));
  }
}

}  // namespace
}  // namespace ox
