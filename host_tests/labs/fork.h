// For the graded tests of labs about fork: a parent with five pages, which forks in the lab's mode.
//
// Every test begins with fork(), which demands that parent and child share their pages: a kernel that copies everything
// passes none. What a test is not about it does not judge, so a mistake costs the tests of its own behaviour and few
// others: nothing is audited, frames may be lost, and the hart forgets its translations between two processes.
#pragma once

#include <map>
#include <set>

#include "labs/lab.h"

namespace ox {

inline constexpr VirtAddr base{0x10'0000};
inline constexpr VirtAddr far = base + entry_span(1);      // below another level-0 table
inline constexpr VirtAddr farther = base + entry_span(2);  // below another level-1 table
inline constexpr std::array written{base, base + page_size, base + 17 * page_size, far, farther};
inline constexpr std::uint64_t last_word = page_size - 8;

class ForkLab : public lab::Test {
 protected:
  explicit ForkLab(ForkMode mode) : parent(machine.new_process()), mode_(mode) {
    for (const VirtAddr va : written) {
      EXPECT_TRUE(parent->map(sim::pages(va), sim::rw));
      EXPECT_TRUE(parent->store(va, va.value()));
      EXPECT_TRUE(parent->store(va + last_word, va.value() + 1));
    }
  }

  bool expect_all_shared(sim::Process& process, sim::Process& child) {
    for (const VirtAddr va : written) {
      if (child.frame(va) != Ppn() && child.frame(va) == process.frame(va)) continue;
      lab::fail("after fork, parent and child map the same frame at {:x}", "the parent has frame {:x}, the child {:x}",
                va, process.frame(va), child.frame(va));
      return false;
    }
    return true;
  }
  // A child that shares every page with `process`, or a test that has failed.
  std::unique_ptr<sim::Process> fork(sim::Process& process) {
    std::unique_ptr<sim::Process> child = process.fork(mode_);
    if (child == nullptr) {
      lab::fail("fork makes a child", "it answers that there is no memory");
      throw lab::Stop();
    }
    if (!expect_all_shared(process, *child)) throw lab::Stop();
    expect_counted();
    return child;
  }
  std::unique_ptr<sim::Process> fork() { return fork(*parent); }

  // A count that is too small ends the test: from then on a frame may be free while somebody uses it, and what follows
  // tells of other rules. One that is too large costs the tests of that alone.
  void expect_counted() {
    for (const VirtAddr va : written) {
      std::map<std::uint64_t, std::set<std::uint64_t>> named;  // by frame: the tables whose entry for `va` names it
      for (const sim::Process* process : machine.processes()) {
        const sim::Path path = process->path(va);
        if (machine.memory().frames.contains(path.leaf.frame()))
          named[path.leaf.frame().value()].insert(path.table[0].value());
      }
      for (const auto& [frame, tables] : named) expect_count(Ppn(frame), tables.size());
    }
  }
  void expect_count(Ppn frame, std::size_t entries) {
    const std::uint32_t count = machine.memory().frames.record(frame).count.load(relaxed);
    if (count >= entries) return;
    lab::fail("frame {:x} has count {}, as {} {} name it (rule 1)", "count {}", frame, entries, entries,
              lab::counted(entries, "entry", "entries"), count);
    throw lab::Stop();
  }

  void expect_word(sim::Process& process, VirtAddr va, std::uint64_t word, std::string_view whose) {
    const std::uint64_t seen = process.load(va).value_or(0);
    if (seen != word) lab::fail("{} reads {:x} at {:x}", "{:x}", whose, word, va, seen);
  }
  // The bytes that were there before the fork.
  void expect_old(sim::Process& process, VirtAddr va, std::string_view whose) {
    expect_word(process, va, va.value(), whose);
    expect_word(process, va + last_word, va.value() + 1, whose);
  }
  bool store(sim::Process& process, VirtAddr va, std::uint64_t word, std::string_view whose) {
    if (!process.store(va, word)) {
      lab::fail("{} may store at {:x}", "the store is refused", whose, va);
      return false;
    }
    expect_counted();
    return true;
  }
  void expect_apart(sim::Process& one, sim::Process& other, VirtAddr va) {
    if (one.frame(va) == other.frame(va)) {
      lab::fail("after the store at {:x} each process has a frame of its own", "both map frame {:x}", va,
                one.frame(va));
    }
  }
  // `writer` stores at `base`, and gets the page for itself.
  void expect_write_copies(sim::Process& writer, sim::Process& other, std::uint64_t word, std::string_view writers,
                           std::string_view others) {
    if (!store(writer, base, word, writers)) return;
    expect_apart(writer, other, base);
    expect_word(writer, base, word, writers);
    expect_word(writer, base + last_word, base.value() + 1, writers);
    expect_old(other, base, others);
  }
  // `child`, the other owner of a shared page or table (`what`), exits on another hart just when a store's fence
  // begins.
  void expect_held_until_the_fence(std::unique_ptr<sim::Process> child, std::string_view what) {
    child->move_to(1);
    expect_old(*child, base, "the child");
    expect_old(*parent, base, "the parent");  // hart 0 caches the tables and the page
    bool fenced = false;
    machine.at_next_fence([&] {
      fenced = true;
      child.reset();
    });
    if (!store(*parent, base, 20, "the parent")) return;
    if (!fenced) lab::fail("a store that copies a {} fences", "there was no fence", what);
    expect_word(*parent, base, 20, "the parent");
  }

  std::unique_ptr<sim::Process> parent;

 private:
  ForkMode mode_;
};

}  // namespace ox
