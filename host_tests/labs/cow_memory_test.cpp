// Graded tests of fork in mode cow: counts, lack of memory, fences. One behaviour a test.
#include "labs/cow.h"

namespace ox {
namespace {

using namespace sim;

std::string_view frames_are(std::size_t count) { return lab::counted(count, "frame is", "frames are"); }

TEST_F(CowLab, FramesComeBackAtExit) {
  const std::size_t free = machine.free_frames();
  for (unsigned round = 0; round < 3; ++round) {
    auto child = fork();
    if (!store(*child, base, 10, "the child") || !store(*parent, far, far.value(), "the parent")) return;
    child.reset();
    if (const std::size_t now = machine.free_frames(); now != free) {
      lab::fail("after the child's exit {} {} free, as before the fork", "{}", free, frames_are(free), now);
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
  children.reserve(300);
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

TEST_F(CowLab, ForkWithoutMemoryChangesNothing) {
  fork().reset();
  const std::size_t free = machine.free_frames();
  for (unsigned left = 0;; ++left) {
    machine.leave_free(left);
    auto child = parent->fork(ForkMode::cow);
    const bool done = child != nullptr;
    if (done) expect_all_shared(*parent, *child);
    if (!done && machine.free_frames() != left) {
      lab::fail("a fork that fails gives back what it took: {} {} free", "{}", left, frames_are(left),
                machine.free_frames());
    }
    for (const VirtAddr va : written) {
      if (!done) store(*parent, va, va.value(), "with no memory left, the parent");
      expect_old(*parent, va, "the parent");
    }
    machine.release_hoard();
    child.reset();
    if (const std::size_t now = machine.free_frames(); now != free && !HasFailure()) {
      lab::fail("after failed fork number {} {} {} free", "{}", left + 1, free, frames_are(free), now);
    }
    if (done || HasFailure()) return;
  }
}

TEST_F(CowLab, AStoreWithoutMemoryChangesNothing) {
  auto child = fork();
  const Ppn frame = parent->frame(base);
  machine.leave_free(0);
  const bool done = child->store(base, 10);
  expect_counted();
  if (done) lab::fail("a store that needs a frame fails while none is free", "it is done");
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

TEST_F(CowLab, TheOldFrameIsHeldUntilTheFence) { expect_held_until_the_fence(fork(), "page"); }

}  // namespace
}  // namespace ox
