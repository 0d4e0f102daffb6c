// Events and counters (vm/event.h): they report and count exactly what has happened.
#include <gtest/gtest.h>

#include "fs/file_pages.h"
#include "observe/tally.h"
#include "sim/process.h"
#include "sim/replay.h"

namespace ox {
namespace {

using namespace sim;

constexpr VirtAddr base{0x10'0000};

class Events : public testing::TestWithParam<ForkMode> {
 protected:
  // A process whose events have been recorded from its start.
  std::unique_ptr<Process> told() {
    replay.listen(machine.memory());
    return machine.new_process();
  }
  void expect_same() { replay.expect_same(machine.memory()); }
  ~Events() override { machine.memory().trace.sink = nullptr; }

  Machine machine{64};
  Replay replay;
};

INSTANTIATE_TEST_SUITE_P(, Events, testing::Values(ForkMode::eager, ForkMode::cow, ForkMode::on_demand),
                         testing::PrintToStringParamName());

// Keeps what it is told.
struct Listener final : EventSink {
  void begin(Event::Kind kind) override { begun = kind; }
  void event(const Event& event) override { events.push_back(event); }
  const Event& last() const { return events.back(); }
  Event::Kind begun = Event::Kind::exit;
  std::vector<Event> events;
};

TEST(Event, AFaultIsToldWithItsEntriesAndCounts) {
  Listener sink;
  Machine machine{64};
  auto process = machine.new_process();
  ASSERT_TRUE(process->map(pages(base), rw));
  process->load(base);
  machine.memory().trace.sink = &sink;
  process->store(base, 1);
  EXPECT_EQ(sink.begun, Event::Kind::fault);
  EXPECT_EQ(sink.last().kind, Event::Kind::fault);
  EXPECT_EQ(sink.last().outcome, FaultOutcome::zeroed);
  EXPECT_EQ(sink.last().pid, process->pid());
  EXPECT_EQ(sink.last().before.frame(), machine.zero());
  EXPECT_EQ(sink.last().count_before, 2u);
  EXPECT_EQ(sink.last().after.frame(), process->frame(base));
  EXPECT_EQ(sink.last().count_after, 1u);
  EXPECT_NE(sink.last().frame, Ppn());
  EXPECT_EQ(sink.last().frame, process->space().tree().find_owned(base));
  auto child = process->fork(ForkMode::on_demand);
  EXPECT_EQ(sink.begun, Event::Kind::fork);
  EXPECT_EQ(sink.last().kind, Event::Kind::fork);
  EXPECT_EQ(sink.last().child, child->pid());
  EXPECT_EQ(sink.last().frame, child->space().tree().root());
  EXPECT_EQ(tally(machine.memory(), sink.last().frame).own[3], 1u);
  EXPECT_EQ(tally(machine.memory(), sink.last().frame).shared[2], 1u);
  child->store(base, 2);
  EXPECT_EQ(sink.last().outcome, FaultOutcome::copied);
  EXPECT_EQ(sink.last().tables, 2u);
  machine.memory().trace.sink = nullptr;
}

TEST(Event, AnEntryIsToldWithWhatItWasBefore) {
  Listener sink;
  Machine machine{64};
  auto process = machine.new_process();
  ASSERT_TRUE(process->map(pages(base), rw));
  process->store(base, 1);
  const Pte leaf = process->leaf(base);
  machine.memory().trace.sink = &sink;
  ASSERT_TRUE(process->unmap(pages(base)));
  machine.memory().trace.sink = nullptr;
  std::erase_if(sink.events, [](const Event& event) { return event.kind != Event::Kind::entry; });
  ASSERT_EQ(sink.events.size(), 2u) << "detached, and gone";
  EXPECT_EQ(sink.events[0].before, leaf);
  EXPECT_EQ(sink.events[0].after, leaf.without(Pte::V));
  EXPECT_EQ(sink.events[1].before, leaf.without(Pte::V));
  EXPECT_EQ(sink.events[1].after, Pte());
}

TEST(Event, EachNamesTheFunctionThatSendsIt) {
  Listener sink;
  Machine machine{64};
  auto process = machine.new_process();
  ASSERT_TRUE(process->map(pages(base), rw));
  process->load(base);
  machine.memory().trace.sink = &sink;
  process->store(base, 1);
  machine.memory().trace.sink = nullptr;
  ASSERT_EQ(sink.events.size(), 2u) << "the leaf's entry, and the fault";
  const std::string entry = sink.events[0].where.function_name(), fault = sink.events[1].where.function_name();
  EXPECT_TRUE(entry.contains("AddressSpace::write_fault")) << entry;
  EXPECT_TRUE(fault.contains("AddressSpace::reported_fault")) << fault;
}

TEST(Event, ADroppedCopyIsToldWithItsLevel) {
  struct Sink final : EventSink {
    void event(const Event& event) override {
      if (event.kind == Event::Kind::drop) levels.push_back(event.level);
    }
    std::vector<int> levels;
  } sink;
  Machine machine{64};
  auto process = machine.new_process();
  ASSERT_TRUE(process->map(pages(base, 2), rw));
  for (const VirtAddr va : {base, base + page_size}) ASSERT_TRUE(process->store(va, 1));
  machine.leave_free(4);  // three tables and one of two pages
  machine.memory().trace.sink = &sink;
  EXPECT_EQ(process->fork(ForkMode::eager), nullptr);
  machine.memory().trace.sink = nullptr;
  machine.release_hoard();
  EXPECT_EQ(sink.levels, std::vector{page_level});
}

TEST_P(Events, ForksAndWritesReplay) {
  auto process = told();
  ASSERT_TRUE(process->map(pages(base, 8), rw));
  process->store(base, 1);
  process->load(base + page_size);
  auto child = process->fork(GetParam());
  expect_same();
  child->store(base, 2);
  process->store(base + page_size, 3);
  expect_same();
  child.reset();
  expect_same();
}

TEST_P(Events, MemoryThatMovesReplays) {
  auto process = told();
  ASSERT_TRUE(process->map(pages(base, 4), rw));
  process->store(base, 1);
  process->store(base + 2 * page_size, 2);
  auto child = process->fork(GetParam());
  EXPECT_NE(*process->remap(pages(base, 3), 600 * page_size, true), base);
  expect_same();
}

TEST_P(Events, PopulatedMemoryReplays) {
  auto process = told();
  ASSERT_TRUE(process->map(pages(base, 600), rw));
  ASSERT_TRUE(process->in_kernel([](AddressSpace& space) { return space.populate(pages(base, 600)); }));
  EXPECT_EQ(process->load(base + 599 * page_size), 0u);
  expect_same();
}

TEST_P(Events, AFrameOfTheKernelsReplays) {
  auto process = told();
  const Ppn page = machine.new_file_page(7);
  replay.listen(machine.memory());
  ASSERT_TRUE(process->map(pages(base), {.read = true}));
  ASSERT_TRUE(process->map_frame(base, page));
  expect_same();
}

TEST_P(Events, AFilesPagesReplay) {
  auto process = told();
  machine.set_auditing(false);  // the audit does not know the file's handles
  FilePages file(machine.memory());
  ASSERT_TRUE(process->map(pages(base), {.read = true}));
  ASSERT_TRUE(process->map_frame(base, *file.make(0, false)));
  expect_same();
  ASSERT_TRUE(file.make(0, false)) << "a copy; the process keeps the old page";
  expect_same();
  file.cut(0);
  expect_same();
  machine.set_auditing(true);
}

TEST_P(Events, AForkThatFailsLeavesNothingBehind) {
  auto process = told();
  ASSERT_TRUE(process->map(pages(base, 8), rw));
  for (unsigned page = 0; page < 8; ++page) process->store(base + page * page_size, page);
  for (std::size_t frames = 0; frames < 4; ++frames) {
    machine.leave_free(frames);
    const auto child = process->fork(GetParam());
    machine.release_hoard();
    expect_same();
  }
}

class Counting : public testing::Test {
 protected:
  Counting() {
    EXPECT_TRUE(process->map(pages(base, 3), rw));
    for (unsigned page = 0; page < 3; ++page) EXPECT_TRUE(process->store(base + page * page_size, page));
  }
  const Counters& counters() { return machine.memory().trace.here(); }

  Machine machine{64};
  std::unique_ptr<Process> process = machine.new_process();
};

TEST_F(Counting, AForkCountsTheTablesThatItCopies) {
  auto child = process->fork(ForkMode::on_demand);
  EXPECT_EQ(counters().forks.load(), 1u);
  EXPECT_EQ(counters().tables_copied_by_forks.load(), 1u);
  EXPECT_TRUE(child->store(base, 1));
  EXPECT_EQ(counters().tables_copied.load(), 3u);
  EXPECT_EQ(counters().tables_copied_by_forks.load(), 1u) << "the other two are the fault's";
  auto second = process->fork(ForkMode::on_demand);
  EXPECT_EQ(counters().forks.load(), 2u);
  EXPECT_EQ(counters().tables_copied_by_forks.load(), 2u);
}

TEST_F(Counting, AForkThatFailsCountsToo) {
  machine.leave_free(0);
  EXPECT_EQ(process->fork(ForkMode::on_demand), nullptr);
  machine.release_hoard();
  EXPECT_EQ(counters().forks.load(), 1u);
  EXPECT_EQ(counters().tables_copied_by_forks.load(), 0u);
}

TEST_F(Counting, FreedPagesAndTablesAreCounted) {
  ASSERT_TRUE(process->unmap(pages(base)));
  EXPECT_EQ(counters().pages_freed.load(), 1u);
  EXPECT_EQ(counters().tables_freed.load(), 0u);
  process.reset();
  EXPECT_EQ(counters().pages_freed.load(), 3u);
  EXPECT_EQ(counters().tables_freed.load(), 3u);
}

}  // namespace
}  // namespace ox
