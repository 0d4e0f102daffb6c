// Graded tests of fork in mode on_demand: counts, lack of memory, sealing, fences. One behaviour a test.
#include "labs/share.h"

namespace ox {
namespace {

using namespace sim;

TEST_F(ShareLab, GenerationsEachKeepTheirOwn) {
  std::vector<std::unique_ptr<Process>> family;
  family.push_back(fork());
  for (unsigned i = 1; i < 12; ++i) family.push_back(fork(*family.back()));
  for (std::size_t i = 0; i < family.size(); i += 2) {
    if (!store(*family[i], base, i, "a descendant")) return;
  }
  expect_old(*parent, base, "the parent");
  for (std::size_t i = 0; i < family.size(); ++i) {
    expect_word(*family[i], base, i % 2 == 0 ? i : base.value(), "a descendant");
    expect_old(*family[i], far, "a descendant");
  }
}

// The middle one writes between two forks, so its child has a path that the parent has not.
TEST_F(ShareLab, AGrandchildSeesWhatItsParentWrote) {
  auto child = fork();
  if (!store(*child, base, 10, "the child") || !store(*child, farther, 11, "the child")) return;
  auto grandchild = fork(*child);
  if (!store(*grandchild, farther, 12, "the grandchild") || !store(*child, base, 13, "the child")) return;
  expect_word(*grandchild, base, 10, "the grandchild");
  expect_word(*grandchild, farther, 12, "the grandchild");
  expect_word(*child, farther, 11, "the child");
  expect_old(*parent, base, "the parent");
  expect_old(*parent, farther, "the parent");
}

TEST_F(ShareLab, FramesComeBackAtExit) {
  const std::size_t free = machine.free_frames();
  for (unsigned round = 0; round < 3; ++round) {
    auto child = fork();
    auto grandchild = fork(*child);
    if (!store(*child, base, 10, "the child") || !store(*grandchild, far, 1, "the grandchild")) return;
    if (!store(*parent, farther, farther.value(), "the parent")) return;
    child.reset();
    grandchild.reset();
    if (const std::size_t now = machine.free_frames(); now != free) {
      return lab::fail("after the exits {} frames are free, as before the forks", "{}", free, now);
    }
  }
}

TEST_F(ShareLab, ForkWithoutMemoryChangesNothing) {
  fork().reset();
  machine.leave_free(0);
  if (parent->fork(ForkMode::on_demand) != nullptr)
    lab::fail("a fork without a frame for the root fails", "it is done");
  for (const VirtAddr va : written) {
    store(*parent, va, va.value(), "with no memory left, the parent");
    expect_old(*parent, va, "the parent");
  }
}

// Two tables and a page are needed: with fewer frames the store fails, and what is copied by then is right.
TEST_F(ShareLab, AStoreWithoutMemoryChangesNothing) {
  auto child = fork();
  for (std::size_t left = 0; left < 3; ++left) {
    machine.leave_free(left < 1 ? 0 : 1);  // a table that was copied stays
    const bool done = child->store(base, 10);
    expect_counted();
    if (done) lab::fail("a store that needs three frames fails as long as too few are free", "it is done");
    if (child->faults().empty() || child->faults().back() != FaultOutcome::no_memory) {
      lab::fail("the fault answers no_memory", "it answers something else");
    }
    machine.release_hoard();
    for (const VirtAddr va : written) {
      expect_old(*parent, va, "the parent");
      expect_old(*child, va, "the child");
    }
    if (HasFailure()) return;
  }
  if (store(*child, base, 10, "with memory again, the child")) expect_old(*parent, base, "the parent");
}

TEST_F(ShareLab, AFailedStoreLosesNothing) {
  const std::size_t free = machine.free_frames();
  auto child = fork();
  for (std::size_t left = 0; left < 3; ++left) {
    machine.leave_free(left < 1 ? 0 : 1);
    child->store(base, 10);
    machine.release_hoard();
  }
  child.reset();
  if (const std::size_t now = machine.free_frames(); now != free) {
    lab::fail("after the child's exit {} frames are free, as before the fork", "{}", free, now);
  }
}

TEST_F(ShareLab, EachForkTakesWAgain) {
  auto child = fork();
  if (!store(*child, base, 10, "the child") || !store(*child, farther, 11, "the child")) return;
  auto grandchild = fork(*child);
  for (const VirtAddr va : {base, farther}) {
    if (child->leaf(va).is_writable()) lab::fail("the second fork takes W at {:x} too", "the leaf has W", va);
  }
}

// A W that no record knows of: seal goes by the records (rule 5), so it stays where it is.
TEST_F(ShareLab, ASealLooksOnlyWhereSomebodyWrote) {
  auto child = fork();
  if (!store(*child, base, 10, "the child")) return;
  const Ppn table = child->path(farther).table[0];
  const Pte leaf = child->leaf(farther);
  PageTable::at(table).set(farther.index(0), leaf.with(Pte::W));
  auto grandchild = fork(*child);
  const bool stays = child->leaf(farther).is_writable();
  PageTable::at(table).set(farther.index(0), leaf);
  if (!stays)
    lab::fail("fork does not look into table {:x}: it is shared, and without W since the last fork", "it does", table);
}

TEST_F(ShareLab, ForkFences) {
  parent->store(base, base.value());
  auto child = fork();
  parent->store(base, 20);
  if (child->load(base) != base.value()) {
    lab::fail("after fork the hart has forgotten that the parent may write at {:x}: its store faults",
              "it wrote through its old translation, and the child reads {:x}", base, child->load(base).value_or(0));
  }
}

TEST_F(ShareLab, ACopiedTableIsUsedAtOnce) {
  auto child = fork();
  for (Process* process : {child.get(), parent.get()}) {
    for (const VirtAddr va : written) expect_old(*process, va, "a process");  // the hart caches the shared tables
    if (!store(*process, base, 10, "a process")) return;
    if (const std::size_t faults = process->faults().size(); faults != 1) {
      lab::fail("one fault makes the page writable: after it the hart uses the new tables", "it took {} faults",
                faults);
    }
  }
}

// Between the fence and before it: the other owner exits, on another hart, just when the fence begins.
TEST_F(ShareLab, TheOldTableIsHeldUntilTheFence) { expect_held_until_the_fence(fork(), "table"); }

}  // namespace
}  // namespace ox
