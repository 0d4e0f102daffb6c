// Out of memory is an answer (rule 10). Each operation is tried with 0, 1, 2 ... free frames until it succeeds. While
// it fails, no process may see a difference, and no frame may be lost.
#include <gtest/gtest.h>

#include <functional>

#include "sim/process.h"

namespace ox {
namespace {

using namespace sim;

constexpr VirtAddr base{0x10'0000};
constexpr VirtAddr far = base + entry_span(1);
constexpr VirtAddr farther = base + entry_span(2);
constexpr std::array touched{base, base + page_size, far, farther};

class OutOfMemory : public testing::Test {
 protected:
  OutOfMemory() : parent(machine.new_process()) {
    EXPECT_TRUE(parent->map({base, farther + 8 * page_size}, rw));
    for (const VirtAddr va : touched) EXPECT_TRUE(parent->store(va, va.value()));
    parent->load(base + 2 * page_size);
    relative = parent->fork(ForkMode::on_demand);
  }

  void expect_unchanged(Process& process, unsigned round) {
    for (const VirtAddr va : touched) EXPECT_EQ(process.load(va), va.value()) << "after " << round << " frames";
    const Regions& regions = process.space().regions();
    const Region* const only = regions.first_after(user_start);
    ASSERT_TRUE(only != nullptr);
    EXPECT_EQ(only->range.end, farther + 8 * page_size);
    EXPECT_EQ(regions.first_after(only->range.end), nullptr);
  }
  // Returns the number of frames with which `attempt` succeeds; `attempt` returns whether it did. After a failure the
  // process may own more tables than before, so each attempt uses a new child, which shares everything.
  unsigned frames_needed(const std::function<bool(Process&)>& attempt) {
    for (unsigned left = 0; left < 64; ++left) {
      const std::size_t before = machine.free_frames();
      auto process = parent->fork(ForkMode::on_demand);
      machine.leave_free(left);
      const bool done = attempt(*process);
      if (!done) expect_unchanged(*process, left);
      machine.release_hoard();
      process.reset();
      EXPECT_EQ(machine.free_frames(), before) << "with " << left << " frames left";
      expect_unchanged(*parent, left);
      expect_unchanged(*relative, left);
      if (done || HasFailure()) return left;
    }
    ADD_FAILURE() << "it never succeeds";
    return 0;
  }
  unsigned frames_for_fork(ForkMode mode) {
    return frames_needed([&](Process& process) {
      const auto child = process.fork(mode);
      return child != nullptr;
    });
  }

  Machine machine{96};
  std::unique_ptr<Process> parent;
  std::unique_ptr<Process> relative;
};

TEST_F(OutOfMemory, ForkEager) { EXPECT_EQ(frames_for_fork(ForkMode::eager), 1u + 2 + 3 + 4); }
TEST_F(OutOfMemory, ForkCow) { EXPECT_EQ(frames_for_fork(ForkMode::cow), 1u + 2 + 3); }
TEST_F(OutOfMemory, ForkOnDemand) { EXPECT_EQ(frames_for_fork(ForkMode::on_demand), 1u); }

TEST_F(OutOfMemory, AStoreInASharedTree) {
  EXPECT_EQ(frames_needed([](Process& process) { return process.store(base, 1); }), 3u);
}

TEST_F(OutOfMemory, AStoreToUntouchedMemory) {
  EXPECT_EQ(frames_needed([](Process& process) { return process.store(base + 10 * entry_span(1), 1); }), 3u);
}

TEST_F(OutOfMemory, ALoadOfUntouchedMemory) {
  EXPECT_EQ(frames_needed([](Process& process) { return process.load(base + 10 * entry_span(1)).has_value(); }), 2u);
}

TEST_F(OutOfMemory, AStoreToTheZeroPage) {
  EXPECT_EQ(frames_needed([](Process& process) { return process.store(base + 2 * page_size, 1); }), 3u);
}

TEST_F(OutOfMemory, TheKernelsWrite) {
  EXPECT_EQ(frames_needed([](Process& process) { return process.write(far, 1).has_value(); }), 3u);
}

TEST_F(OutOfMemory, MapNeedsAListOnly) {
  EXPECT_EQ(
      frames_needed([](Process& process) { return process.map(pages(VirtAddr(0x20'0000'0000)), rw).has_value(); }), 2u);
}

TEST_F(OutOfMemory, UnmapWithTwoEdges) {
  // The list's index and block, two level-1 tables, two level-0 tables.
  EXPECT_EQ(frames_needed(
                [](Process& process) { return process.unmap({base + page_size, farther + page_size}).has_value(); }),
            6u);
}

TEST_F(OutOfMemory, UnmapOfWholeTablesNeedsTheListOnly) {
  constexpr VirtRange whole{VirtAddr(entry_span(2)), user_end};
  EXPECT_EQ(frames_needed([&](Process& process) { return process.unmap(whole).has_value(); }), 2u);
}

TEST_F(OutOfMemory, ProtectOwnsWhatItChanges) {
  EXPECT_EQ(
      frames_needed([](Process& process) { return process.protect({base, farther + page_size}, ro).has_value(); }),
      2u + 2 + 3);
}

TEST_F(OutOfMemory, TheHeapStaysWhereItIs) {
  EXPECT_EQ(frames_needed([](Process& process) {
              process.space().set_heap(farther + 8 * page_size);
              return process.set_heap_end(farther + 9 * page_size) == farther + 9 * page_size;
            }),
            2u);
}

TEST_F(OutOfMemory, AFilesFrame) {
  const Ppn file = machine.new_file_page(1);
  EXPECT_EQ(frames_needed([&](Process& process) { return process.map_frame(far + page_size, file).has_value(); }), 2u);
}

TEST_F(OutOfMemory, PopulateOfUntouchedMemory) {
  const VirtRange untouched = pages(base + 10 * entry_span(1), 2);
  EXPECT_EQ(frames_needed([&](Process& process) {
              return process.in_kernel([&](AddressSpace& space) { return space.populate(untouched); }).has_value();
            }),
            2u);
}

TEST_F(OutOfMemory, ANewProcess) {
  for (unsigned left = 0; left < 2; ++left) {
    machine.leave_free(left);
    EXPECT_EQ(machine.new_process(), nullptr);
    machine.audit();
    machine.release_hoard();
  }
  machine.leave_free(2);
  EXPECT_NE(machine.new_process(), nullptr);
  machine.release_hoard();
}

TEST_F(OutOfMemory, AFailedForkStillLetsTheParentWriteWithoutMemory) {
  relative.reset();
  for (const ForkMode mode : {ForkMode::cow, ForkMode::on_demand}) {
    machine.leave_free(0);
    EXPECT_EQ(parent->fork(mode), nullptr);
    for (const VirtAddr va : touched) EXPECT_TRUE(parent->store(va, va.value()));
    machine.release_hoard();
  }
}

TEST_F(OutOfMemory, ExitNeedsNone) {
  machine.leave_free(0);
  relative.reset();
  parent.reset();
  machine.release_hoard();
}

TEST_F(OutOfMemory, OnlyProcessOneUsesTheReserve) {
  machine.leave_free(4);
  machine.memory().frames.set_reserve(4);
  EXPECT_FALSE(parent->store(base, 1));
  EXPECT_EQ(parent->fork(ForkMode::on_demand), nullptr);
  EXPECT_EQ(parent->map(pages(VirtAddr(0x20'0000'0000)), rw).error(), Errno::enomem);
  const int pid = parent->pid();
  parent->space().set_pid(1);
  EXPECT_TRUE(parent->store(base, base.value()));
  parent->space().set_pid(pid);
  EXPECT_FALSE(parent->store(far, 1));
  machine.release_hoard();
}

}  // namespace
}  // namespace ox
