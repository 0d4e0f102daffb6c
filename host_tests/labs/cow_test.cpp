// The graded tests of the lab "cow" (tools/labs/cow): fork in mode cow, one behaviour a test.
//
// Every test begins with fork(), which demands that parent and child share their pages: a kernel that copies everything
// passes none. What a test is not about it does not judge, so a mistake costs the tests of its own behaviour and few
// others: nothing is audited, frames may be lost, and the hart forgets its translations between two processes.
#include "labs/lab.h"

namespace ox {
namespace {

using namespace sim;

constexpr VirtAddr base{0x10'0000};
constexpr VirtAddr far = base + entry_span(1);      // below another level-0 table
constexpr VirtAddr farther = base + entry_span(2);  // below another level-1 table
constexpr std::array written{base, base + page_size, base + 17 * page_size, far, farther};
constexpr std::uint64_t last_word = page_size - 8;

class CowLab : public lab::Test {
 protected:
  CowLab() : parent(machine.new_process()) {
    for (const VirtAddr va : written) {
      EXPECT_TRUE(parent->map(pages(va), rw));
      EXPECT_TRUE(parent->store(va, va.value()));
      EXPECT_TRUE(parent->store(va + last_word, va.value() + 1));
    }
  }

  // A child that shares every page with `process`, or a test that has failed.
  std::unique_ptr<Process> fork(Process& process) {
    std::unique_ptr<Process> child = process.fork(ForkMode::cow);
    if (child == nullptr) {
      lab::fail("fork makes a child", "it answers that there is no memory");
      throw lab::Stop();
    }
    for (const VirtAddr va : written) {
      if (child->frame(va) != Ppn() && child->frame(va) == process.frame(va)) continue;
      lab::fail("after fork, parent and child map the same frame at {:x}", "the parent has frame {:x}, the child {:x}",
                va, process.frame(va), child->frame(va));
      throw lab::Stop();
    }
    return child;
  }
  std::unique_ptr<Process> fork() { return fork(*parent); }

  void expect_word(Process& process, VirtAddr va, std::uint64_t word, std::string_view whose) {
    const std::uint64_t seen = process.load(va).value_or(0);
    if (seen != word) lab::fail("{} reads {:x} at {:x}", "{:x}", whose, word, va, seen);
  }
  // The bytes that were there before the fork.
  void expect_old(Process& process, VirtAddr va, std::string_view whose) {
    expect_word(process, va, va.value(), whose);
    expect_word(process, va + last_word, va.value() + 1, whose);
  }
  bool store(Process& process, VirtAddr va, std::uint64_t word, std::string_view whose) {
    if (process.store(va, word)) return true;
    lab::fail("{} may store at {:x}", "the store is refused", whose, va);
    return false;
  }
  void expect_apart(Process& one, Process& other, VirtAddr va) {
    if (one.frame(va) == other.frame(va)) {
      lab::fail("after the store at {:x} each process has a frame of its own", "both map frame {:x}", va,
                one.frame(va));
    }
  }

  std::unique_ptr<Process> parent;
};

// What the skeleton can do already (the gate): no points, but none without it.
class EagerFork : public testing::Test {
 protected:
  EagerFork() : parent(machine.new_process()) {
    EXPECT_TRUE(parent->map({base, farther + page_size}, rw));
    for (const VirtAddr va : written) EXPECT_TRUE(parent->store(va, va.value()));
  }
  Machine machine{100};
  std::unique_ptr<Process> parent;
};

TEST_F(EagerFork, EachProcessHasFramesOfItsOwn) {
  auto child = parent->fork(ForkMode::eager);
  ASSERT_NE(child, nullptr);
  for (const VirtAddr va : written) {
    EXPECT_NE(child->frame(va), parent->frame(va));
    EXPECT_TRUE(child->store(va, 1));
    EXPECT_EQ(parent->load(va), va.value());
  }
}

TEST_F(EagerFork, EveryFrameComesBack) {
  const std::size_t free = machine.free_frames();
  parent->fork(ForkMode::eager)->fork(ForkMode::eager).reset();
  EXPECT_EQ(machine.free_frames(), free);
}

TEST_F(CowLab, ForkSharesThePages) {
  auto child = fork();
  for (const VirtAddr va : written) {
    expect_old(*child, va, "the child");
    expect_old(*parent, va, "the parent");
  }
  if (const auto count = parent->count(base); count != 2) {
    lab::fail("a frame that two processes map has count 2", "the frame at {:x} has count {}", base, count);
  }
}

TEST_F(CowLab, NeitherMayWriteWithoutAFault) {
  auto child = fork();
  for (const VirtAddr va : written) {
    if (parent->leaf(va).is_writable()) lab::fail("after fork, the parent's leaf at {:x} has no W", "it has W", va);
    if (child->leaf(va).is_writable()) lab::fail("after fork, the child's leaf at {:x} has no W", "it has W", va);
  }
}

TEST_F(CowLab, TheChildsWriteCopies) {
  auto child = fork();
  if (!store(*child, base, 10, "the child")) return;
  expect_apart(*child, *parent, base);
  expect_word(*child, base, 10, "the child");
  expect_word(*child, base + last_word, base.value() + 1, "the child");
  expect_old(*parent, base, "the parent");
}

TEST_F(CowLab, TheParentsWriteCopies) {
  auto child = fork();
  expect_old(*child, base, "the child");  // and the hart has forgotten what it knew of the parent
  if (!store(*parent, base, 20, "the parent")) return;
  expect_apart(*child, *parent, base);
  expect_word(*parent, base, 20, "the parent");
  expect_word(*parent, base + last_word, base.value() + 1, "the parent");
  expect_old(*child, base, "the child");
}

TEST_F(CowLab, AReadCopiesNothing) {
  auto child = fork();
  const std::size_t free = machine.free_frames();
  for (const VirtAddr va : written) {
    const Ppn before = child->frame(va);
    expect_old(*child, va, "the child");
    expect_old(*parent, va, "the parent");
    if (child->frame(va) != before) {
      lab::fail("a load at {:x} leaves the child's frame {:x}", "the child has frame {:x}", va, before,
                child->frame(va));
    }
  }
  if (machine.free_frames() != free) {
    lab::fail("loads take no frame", "{} frames are free after them, {} before", machine.free_frames(), free);
  }
}

TEST_F(CowLab, AWriteCopiesThatPageWhole) {
  auto child = fork();
  if (!store(*child, written[1] + 8, 7, "the child")) return;
  expect_old(*child, written[1], "the child");
  expect_word(*child, written[1] + 8, 7, "the child");
  for (const VirtAddr va : written) {
    if (va == written[1]) continue;
    expect_old(*child, va, "the child");
    if (child->frame(va) != parent->frame(va)) {
      lab::fail("a store at {:x} leaves the page at {:x} shared", "the child has a frame of its own there", written[1],
                va);
    }
  }
}

TEST_F(CowLab, TheLastOwnerCopiesNothing) {
  fork().reset();
  auto child = fork();
  if (!store(*child, base, 10, "the child")) return;  // from here on the page at `base` is the parent's alone
  const Ppn alone = parent->frame(base);
  if (!store(*parent, base, 20, "the parent")) return;
  if (parent->frame(base) != alone) {
    lab::fail("who maps a frame alone writes it in place: frame {:x}", "the store moved it to frame {:x}", alone,
              parent->frame(base));
  }
  const Ppn far_frame = parent->frame(far);
  child.reset();
  if (!store(*parent, far, 20, "the parent")) return;
  if (parent->frame(far) != far_frame) {
    lab::fail("after the child's exit the parent writes in place: frame {:x}", "the store moved it to frame {:x}",
              far_frame, parent->frame(far));
  }
}

TEST_F(CowLab, FramesComeBackAtExit) {
  const std::size_t free = machine.free_frames();
  for (unsigned round = 0; round < 3; ++round) {
    auto child = fork();
    if (!store(*child, base, 10, "the child") || !store(*parent, far, far.value(), "the parent")) return;
    child.reset();
    if (const std::size_t now = machine.free_frames(); now != free) {
      lab::fail("after the child's exit {} frames are free, as before the fork", "{}", free, now);
      return;
    }
    if (const auto count = parent->count(base); count != 1) {
      lab::fail("after the child's exit the parent's frame has count 1", "it has count {}", count);
      return;
    }
  }
}

TEST_F(CowLab, GenerationsEachKeepTheirOwn) {
  std::vector<std::unique_ptr<Process>> family;
  family.push_back(fork());
  for (unsigned i = 1; i < 12; ++i) family.push_back(fork(*family.back()));
  for (std::size_t i = 0; i < family.size(); i += 2) {
    if (!store(*family[i], base, i, "a descendant")) return;
  }
  expect_word(*parent, base, base.value(), "the parent");
  for (std::size_t i = 0; i < family.size(); ++i) {
    expect_word(*family[i], base, i % 2 == 0 ? i : base.value(), "a descendant");
    expect_word(*family[i], base + last_word, base.value() + 1, "a descendant");
    expect_old(*family[i], far, "a descendant");
  }
}

TEST_F(CowLab, ThreeHundredChildrenShareOnePage) {
  std::vector<std::unique_ptr<Process>> children;
  for (unsigned i = 0; i < 300; ++i) children.push_back(fork());
  if (!store(*children[150], base, 150, "a child") || !store(*parent, base, 1, "the parent")) return;
  for (std::size_t i = 0; i < children.size(); ++i) {
    expect_word(*children[i], base, i == 150 ? 150 : base.value(), "a child");
    if (HasFailure()) return;
  }
  for (auto& child : children) child.reset();
  expect_word(*parent, base, 1, "the parent");
  expect_old(*parent, far, "the parent");
}

TEST_F(CowLab, TheKernelsWriteCopies) {
  auto child = fork();
  if (!child->write(base + 8, 5)) return lab::fail("the kernel may write to the child's page", "it may not");
  expect_apart(*child, *parent, base);
  expect_word(*child, base + 8, 5, "the child");
  expect_old(*child, base, "the child");
  expect_word(*parent, base + 8, 0, "the parent");
  if (!parent->write(far + 8, 6)) return lab::fail("the kernel may write to the parent's page", "it may not");
  expect_word(*parent, far + 8, 6, "the parent");
  expect_word(*child, far + 8, 0, "the child");
}

TEST_F(CowLab, AReadOnlyPageStaysReadOnly) {
  EXPECT_TRUE(parent->protect(pages(far), ro));
  auto child = fork();
  for (const auto& [process, whose] : {std::pair(child.get(), "the child"), std::pair(parent.get(), "the parent")}) {
    if (process->store(far, 1)) lab::fail("a store of {} to its read-only page is refused", "it is done", whose);
  }
  expect_old(*parent, far, "the parent");
}

TEST_F(CowLab, ForkWithoutMemoryChangesNothing) {
  fork().reset();
  const std::size_t free = machine.free_frames();
  for (unsigned left = 0;; ++left) {
    machine.leave_free(left);
    auto child = parent->fork(ForkMode::cow);
    const bool done = child != nullptr;
    if (!done && machine.free_frames() != left) {
      lab::fail("a fork that fails gives back what it took: {} frames are free", "{}", left, machine.free_frames());
    }
    for (const VirtAddr va : written) {
      if (!done) store(*parent, va, va.value(), "with no memory left, the parent");
      expect_old(*parent, va, "the parent");
    }
    machine.release_hoard();
    child.reset();
    if (const std::size_t now = machine.free_frames(); now != free && !HasFailure()) {
      lab::fail("after the {}th failed fork {} frames are free", "{}", left + 1, free, now);
    }
    if (done || HasFailure()) return;
  }
}

TEST_F(CowLab, AStoreWithoutMemoryChangesNothing) {
  auto child = fork();
  const Ppn frame = parent->frame(base);
  machine.leave_free(0);
  if (child->store(base, 10)) lab::fail("a store that needs a frame fails while none is free", "it is done");
  if (child->faults().empty() || child->faults().back() != FaultOutcome::no_memory) {
    lab::fail("the fault answers no_memory", "it answers something else");
  }
  if (parent->frame(base) != frame || child->frame(base) != frame || parent->count(base) != 2) {
    lab::fail("after it both still map frame {:x}, with count 2",
              "the parent has {:x}, the child {:x}, the parent's count is {}", frame, parent->frame(base),
              child->frame(base), parent->count(base));
  }
  machine.release_hoard();
  expect_old(*parent, base, "the parent");
  if (store(*child, base, 10, "with memory again, the child")) expect_old(*parent, base, "the parent");
}

// The hart has the parent's leaves with W in its TLB when it forks, and goes on in the parent.
TEST_F(CowLab, ForkFences) {
  parent->store(base, base.value());
  auto child = fork();
  parent->store(base, 20);
  if (child->load(base) != base.value()) {
    lab::fail("after fork the hart has forgotten that the parent may write at {:x}: its store faults",
              "it wrote through its old translation, and the child reads {:x}", base, child->load(base).value_or(0));
  }
}

TEST_F(CowLab, AFaultFencesWhatItChanges) {
  auto child = fork();
  for (Process* process : {child.get(), parent.get()}) {
    expect_old(*process, base, "a process");  // the hart caches the leaf without W
    if (!store(*process, base, 10, "a process")) return;
    if (const std::size_t faults = process->faults().size(); faults != 1) {
      lab::fail("one fault makes the page writable: after it the hart uses the new leaf",
                "it took {} faults; the hart still used the old one", faults);
    }
  }
}

// Between the fence and before it: the other owner exits, on another hart, just when the fence begins.
TEST_F(CowLab, TheOldFrameIsHeldUntilTheFence) {
  auto child = fork();
  child->move_to(1);
  expect_old(*child, base, "the child");
  expect_old(*parent, base, "the parent");  // hart 0 caches the page
  bool fenced = false;
  machine.at_next_fence([&] {
    fenced = true;
    child.reset();
  });
  if (!store(*parent, base, 20, "the parent")) return;
  if (!fenced) lab::fail("a store that copies a page fences", "there was no fence");
  expect_word(*parent, base, 20, "the parent");
}

}  // namespace
}  // namespace ox
