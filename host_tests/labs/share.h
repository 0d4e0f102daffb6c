// For the graded tests of the lab "share" (tools/labs/share).
//
// Every test begins with fork(), which demands that parent and child share all page tables below their roots: a kernel
// that copies page tables passes none.
#pragma once

#include "labs/fork.h"

namespace ox {

class ShareLab : public ForkLab {
 protected:
  ShareLab() : ForkLab(ForkMode::on_demand) {}

  // A child that shares every table below the root with `process`, or a test that has failed.
  std::unique_ptr<sim::Process> fork(sim::Process& process) {
    std::unique_ptr<sim::Process> child = ForkLab::fork(process);
    for (const VirtAddr va : written) expect_tables_shared(process, *child, va);
    if (process.space().tree().root() == child->space().tree().root()) {
      lab::fail("the child has a root of its own", "it has the parent's");
    }
    if (HasFailure()) throw lab::Stop();
    return child;
  }
  std::unique_ptr<sim::Process> fork() { return fork(*parent); }

  void expect_tables_shared(sim::Process& one, sim::Process& other, VirtAddr va) {
    const Ppn mine = one.path(va).table[1], its = other.path(va).table[1];
    if (mine == its) return;
    lab::fail("for {:x}, where nobody has written since the fork, both have one level-1 table",
              "one has the table {:x}, the other {:x}", va, mine, its);
  }
  // After one of the two has written at `va`.
  void expect_path_apart(sim::Process& one, sim::Process& other, VirtAddr va) {
    for (const int level : {1, 0}) {
      if (one.path(va).table[level] != other.path(va).table[level]) continue;
      lab::fail("after the store at {:x} each process has a level-{} table of its own", "both have the table {:x}", va,
                level, one.path(va).table[level]);
    }
    expect_apart(one, other, va);
  }
  void expect_taken(std::size_t before, std::size_t count, std::string_view by) {
    const std::size_t taken = before - machine.free_frames();
    if (taken == count) return;
    lab::fail("{} takes {} {}", "it takes {}", by, count, lab::counted(count, "frame", "frames"), taken);
  }
};

}  // namespace ox
