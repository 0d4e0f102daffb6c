// The end of user memory. Entry 256 of a root is the kernel's: a walk for the first address beyond the end would take
// it. Here it leads to a page that looks as if a user could load it.
#include <gtest/gtest.h>

#include <array>

#include "sim/process.h"
#include "vm/checker.h"

namespace ox {
namespace {

using namespace sim;
using Outcomes = std::vector<FaultOutcome>;

class UserEnd : public testing::Test {
 protected:
  UserEnd() {
    machine.set_auditing(false);
    for (Ppn& table : tables_) table = *machine.memory().frames.alloc(FrameKind::kernel, Content::zero);
    kernel().set(user_end.index(2), Pte::next_level(tables_[0]));
    PageTable::at(tables_[0]).set(0, Pte::next_level(tables_[1]));
    PageTable::at(tables_[1]).set(0, Pte::kernel_leaf(machine.zero(), ro));
    process = machine.new_process();
  }
  ~UserEnd() override {
    process.reset();
    kernel().set(user_end.index(2), before_);
    for (const Ppn table : tables_) {
      EXPECT_TRUE(machine.memory().frames.drop(table));
      machine.memory().frames.free(table, Content::any);
    }
    machine.set_auditing(true);
  }
  PageTable& kernel() { return PageTable::at(machine.memory().kernel_root); }

  Machine machine{64};
  std::unique_ptr<Process> process;

 private:
  std::array<Ppn, 2> tables_;
  const Pte before_ = kernel().get(user_end.index(2));
};

TEST_F(UserEnd, ALoadBeyondItIsDenied) {
  EXPECT_FALSE(process->load(user_end));
  EXPECT_EQ(process->faults(), Outcomes{FaultOutcome::denied});
}

TEST_F(UserEnd, TheKernelCopiesNothingFromBeyondIt) {
  EXPECT_EQ(process->read(user_end).error(), Errno::efault);
  EXPECT_EQ(process->space().present(user_end, Access::load), nullptr);
}

TEST_F(UserEnd, AFaultBeyondItIsToldWithoutAnEntry) {
  struct Sink final : EventSink {
    void event(const Event& event) override { last = event; }
    Event last{};
  } sink;
  machine.memory().trace.sink = &sink;
  EXPECT_FALSE(process->load(user_end));
  machine.memory().trace.sink = nullptr;
  EXPECT_EQ(sink.last.va, user_end);
  EXPECT_EQ(sink.last.before, Pte());
  EXPECT_EQ(sink.last.after, Pte());
  EXPECT_EQ(sink.last.frame, Ppn());
}

TEST_F(UserEnd, TheCheckerLooksAtNoPathBeyondIt) {
  Checker(machine.memory(), {}).path(process->space(), user_end);
  Checker(machine.memory(), {}).path(process->space(), VirtAddr(0xffff'ffc0'0000'0000));
}

}  // namespace
}  // namespace ox
