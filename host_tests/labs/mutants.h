// For the tests that students write in the lab "mutants" (tools/labs/mutants): a machine, and a process with some
// pages.
//
// The machine audits nothing: what a test does not ask, nobody asks. GoogleTest's EXPECT_EQ and its like ask.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "sim/process.h"

namespace ox {

using namespace sim;  // NOLINT(google-global-names-in-headers): each test would say it

class MutantsLab : public testing::Test {
 protected:
  static constexpr VirtAddr base{0x10'0000};                 // of 64 pages
  static constexpr VirtAddr far = base + entry_span(1);      // of 4 pages, below another level-0 table
  static constexpr VirtAddr nowhere = base + entry_span(2);  // nothing is mapped here, nor behind it

  MutantsLab() : parent(machine.new_process()) {
    machine.set_lenient();
    EXPECT_TRUE(parent->map(pages(base, 64), rw));
    EXPECT_TRUE(parent->map(pages(far, 4), rw));
  }
  static VirtAddr page(std::uint64_t number) { return base + number * page_size; }

  Machine machine{500};
  std::unique_ptr<Process> parent;
};

}  // namespace ox
