// All states of small worlds, not random ones (states/explorer.h).
#include <gtest/gtest.h>

#include <cstdio>

#include "states/explorer.h"

namespace ox {
namespace {

using namespace states;
using enum Verb;

constexpr VirtAddr base{0x10'f000};                     // the last entry of a group
constexpr VirtAddr second = base + page_size;           // the first of the next
constexpr VirtAddr third = second + page_size;          // in the same group
constexpr VirtAddr other_table = base + entry_span(1);  // in another table of level 0
constexpr VirtAddr far = base + entry_span(2);          // in another table of level 1

const std::vector<Verb> simple{load, store, discard, fork, exit};
const std::vector<Verb> unmapping{load, store, unmap, discard, fork, exit};
const std::vector<Verb> all{load, store, unmap, protect, discard, fork, exit};

std::vector<Shape> worlds() {
  if (!whole_run()) {
    return {{.name = "ThreeProcessesOnePage", .processes = 3, .pages = {base}, .verbs = simple},
            {.name = "TwoProcessesOnePageAllOperations",
             .processes = 2,
             .pages = {base},
             .verbs = all,
             .prots = {sim::rw, sim::ro, sim::none}},
            {.name = "OneProcessTwoTablesAllOperations",
             .processes = 1,
             .pages = {base, far},
             .verbs = all,
             .prots = {sim::rw, sim::ro}}};
  }
  return {{.name = "ThreeProcessesTwoPages", .processes = 3, .pages = {base, second}, .verbs = unmapping},
          {.name = "ThreeProcessesTwoPagesOfOneGroup", .processes = 3, .pages = {second, third}, .verbs = unmapping},
          {.name = "TwoProcessesTwoPagesAllOperations",
           .processes = 2,
           .pages = {second, third},
           .verbs = all,
           .prots = {sim::rw, sim::ro, sim::none}},
          {.name = "TwoProcessesThreePages", .processes = 2, .pages = {base, second, far}, .verbs = unmapping},
          {.name = "ThreeProcessesOnePageAllOperations",
           .processes = 3,
           .pages = {base},
           .verbs = all,
           .prots = {sim::rw, sim::ro, sim::none}},
          {.name = "TwoProcessesThreeTables", .processes = 2, .pages = {base, other_table, far}, .verbs = simple},
          {.name = "TwoProcessesWithASharedPage",
           .processes = 2,
           .pages = {base, second},
           .last_is_shared = true,
           .verbs = all,
           .prots = {sim::rw, sim::ro}}};
}

class States : public testing::TestWithParam<Shape> {};

TEST_P(States, EveryTransitionKeepsTheRules) {
  Explorer explorer(GetParam());
  explorer.run();
  EXPECT_GT(explorer.states(), 50u);
  std::printf("states: %s: %zu states, %lu transitions, at most %zu operations away\n", GetParam().name.c_str(),
              explorer.states(), explorer.transitions(), explorer.longest());
}

INSTANTIATE_TEST_SUITE_P(, States, testing::ValuesIn(worlds()), [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace ox
