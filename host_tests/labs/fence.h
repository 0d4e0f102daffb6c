// For the graded tests of the lab "fence" (tools/labs/fence).
//
// The hart is the worst one that the specification allows: it caches whatever it reads, entries that are not valid too,
// and what a fence makes it forget it reads again at once. The kernel itself fills the pages, and its accesses do not
// go through the TLB. So each test decides what the TLB holds, and a missing fence costs the tests of its own function
// only.
#pragma once

#include <algorithm>
#include <array>
#include <memory>

#include "labs/lab.h"

namespace ox {

inline constexpr sim::Hardware worst_hart{.cache_invalid = true, .speculates = true};

class FenceLab : public lab::Test {
 protected:
  static constexpr VirtAddr base{0x10'0000};
  static constexpr std::array filled{base, base + page_size, base + 2 * page_size};
  static constexpr VirtAddr untouched = base + 8 * page_size;  // mapped, below the same table
  static constexpr VirtAddr elsewhere = base + entry_span(2);  // not mapped, and no table is there

  explicit FenceLab(sim::Hardware hardware = worst_hart) : lab::Test(hardware), process(machine.new_process()) {
    EXPECT_TRUE(process->map(sim::pages(base, 3), sim::rw));
    EXPECT_TRUE(process->map(sim::pages(untouched, 2), sim::rw));
    for (const VirtAddr va : filled) EXPECT_TRUE(process->write(va, va.value()));
  }

  // From here on the TLB has these pages, with the permissions that they have now.
  void load_all(sim::Process& who) {
    for (const VirtAddr va : filled) who.load(va);
  }
  void store_all(sim::Process& who) {
    for (const VirtAddr va : filled) who.store(va, va.value());
  }

  // A child on hart 1, which exits just when the next fence of hart 0 begins. Both harts have the pages in their TLBs.
  void child_exits_at_the_fence(ForkMode mode) {
    child = process->fork(mode);
    child->move_to(1);
    load_all(*child);
    load_all(*process);
    machine.at_next_fence([this] { child.reset(); });
  }
  void expect_fenced() {
    if (child != nullptr) lab::fail("there is a fence before the drop", "there is none");
  }

  void expect_one_fault(std::string_view access) {
    if (const std::size_t faults = process->faults().size(); faults != 1) {
      lab::fail("{} is one fault, then the hart sees the new entry", "{} faults", access, faults);
    }
  }

  // The number of fences that f() executes. A change to another address space does not count.
  template <class F>
  unsigned fences(F f) {
    fences_ = 0;
    count_next();
    f();
    machine.at_next_fence({});
    return fences_;
  }
  void expect_fences(unsigned seen, unsigned expected, std::string_view by) {
    if (seen != expected)
      lab::fail("{} executes {} {}", "{}", by, expected, lab::counted(expected, "fence", "fences"), seen);
  }

  bool caches(VirtAddr va) {
    return std::ranges::any_of(machine.mmu(0).cached(),
                               [&](const sim::Cached& one) { return one.level == 0 && one.va == va.value(); });
  }

  std::unique_ptr<sim::Process> process;
  std::unique_ptr<sim::Process> child;

 private:
  void count_next() {
    machine.at_next_fence([this] {
      ++fences_;
      count_next();
    });
  }
  unsigned fences_ = 0;
};

// A hart that reads again only what is asked for: here one can see what a fence has made it forget.
class CalmFenceLab : public FenceLab {
 protected:
  CalmFenceLab() : FenceLab(sim::Hardware{}) {}
};

}  // namespace ox
