// Two harts in every order, step by step (states/scheduler.h).
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>

#include "states/scheduler.h"
#include "states/world.h"

namespace ox {
namespace {

using namespace states;
using enum Verb;

constexpr VirtAddr base{0x10'0000};

// Each operation is one of process 0 and of its child, process 1, on hart 1. Page 0 was stored to before the fork, page
// 1 was only loaded, page 2 was not touched.
const std::vector<Operation> operations{{.verb = load, .first = 2, .end = 3},
                                        {.verb = store, .first = 0, .end = 1},
                                        {.verb = discard, .first = 0, .end = 1},
                                        {.verb = unmap, .first = 0, .end = 1},
                                        {.verb = protect, .first = 0, .end = 1, .prot = sim::ro},
                                        {.verb = fork, .mode = ForkMode::eager},
                                        {.verb = fork, .mode = ForkMode::cow},
                                        {.verb = fork, .mode = ForkMode::on_demand},
                                        {.verb = exit}};

// The entries that harts cache: those that they have used, or all that they can; refilled: all, again before each step.
enum class Tlb : std::uint8_t { used, full, refilled };

struct Setting {
  std::string name;
  ForkMode mode;  // of the fork before
  std::size_t frames_of_hart_0;
  std::size_t frames_of_hart_1;  // 0: it takes them from hart 0's list
};
void PrintTo(const Setting& setting, std::ostream* out) { *out << setting.name; }

std::string running;  // the pair, for a report
const Scheduler* scheduler = nullptr;

void print_steps(int) { std::fprintf(stderr, "states: %s\n%s", running.c_str(), scheduler->story().c_str()); }

class Schedules : public testing::TestWithParam<Setting> {
 protected:
  Schedules() { std::signal(SIGABRT, print_steps); }

  // The number of orders.
  std::uint64_t run(const Operation& first, Operation second, Tlb tlb) {
    second.process = 1;
    running = text(first) + " | " + text(second);
    const Shape shape{.name = "",
                      .processes = 4,
                      .pages = {base, base + page_size, base + 2 * page_size},
                      .frames = 40,
                      .hardware = {.cache_invalid = true, .speculates = tlb != Tlb::used}};
    clear_heap();
    World* const world = prepare(shape, tlb);
    Snapshot start;
    start.take();
    Scheduler all({.begin = [&] { start.restore(); },
                   .hart = [&](unsigned hart) { world->perform(hart == 0 ? first : second); },
                   .before_each_step =
                       [&] {
                         if (tlb == Tlb::refilled) world->fill_tlbs();
                       },
                   .end =
                       [&] {
                         world->place_harts();
                         world->audit();
                       },
                   .name = [&](const void* word) { return world->name(word); }});
    scheduler = &all;
    const std::uint64_t orders = all.run_all();
    start.restore();
    const HeapGuard guard;
    delete world;
    return orders;
  }

  static World* prepare(const Shape& shape, Tlb tlb) {
    const HeapGuard guard;
    auto* const world = new World(shape);
    world->perform({.verb = store, .first = 0, .end = 1});
    world->perform({.verb = load, .first = 1, .end = 2});
    world->perform({.verb = fork, .mode = GetParam().mode});
    world->deal_frames(GetParam().frames_of_hart_0, GetParam().frames_of_hart_1);
    world->place_harts();
    if (tlb != Tlb::used) world->fill_tlbs();
    world->audit();
    return world;
  }
};

TEST_P(Schedules, EveryOrderOfTwoOperationsKeepsTheRules) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    for (std::size_t j = i; j < operations.size(); ++j) {
      // Two that both copy shared tables have more than 10,000 orders.
      const bool long_one = GetParam().mode == ForkMode::on_demand && operations[j].verb < fork;
      if (long_one && !whole_run()) continue;
      std::uint64_t orders = 0;
      for (const Tlb tlb : {Tlb::used, Tlb::full, Tlb::refilled}) orders += run(operations[i], operations[j], tlb);
      std::printf("states: %s: %s: %lu orders\n", GetParam().name.c_str(), running.c_str(), orders);
      sum += orders;
    }
  }
  EXPECT_GT(sum, 200u);
  std::printf("states: %s: %lu orders\n", GetParam().name.c_str(), sum);
}

std::vector<Setting> settings() {
  std::vector<Setting> found{{"AfterCow", ForkMode::cow, 9, 9}, {"AfterOnDemand", ForkMode::on_demand, 9, 9}};
  if (whole_run()) found.push_back({"AfterCowWithOneFreeList", ForkMode::cow, 18, 0});
  return found;
}

INSTANTIATE_TEST_SUITE_P(, Schedules, testing::ValuesIn(settings()), [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace ox
