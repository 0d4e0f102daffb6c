// The model test: random operations on memory, compared with a model that predicts each result exactly.
#include <gtest/gtest.h>

#include <sstream>

#include "model/lockstep.h"

namespace ox {
namespace {

constexpr unsigned rounds = 40;
constexpr unsigned steps = 250;
constexpr std::array pools{6, 7, 8, 9, 10, 11, 12, 14, 16, 20, 24, 32, 48, 100, 300};

class Model : public testing::TestWithParam<sim::Hardware> {};

TEST_P(Model, EveryOperationEndsAsInTheModel) {
  model::Lockstep::Tally all;
  for (std::uint64_t seed = 1; seed <= rounds; ++seed) {
    const auto pool = static_cast<std::size_t>(pools[seed % pools.size()]);
    std::ostringstream what;
    what << "seed " << seed << ", pool of " << pool;
    sim::set_context(what.str());
    model::Lockstep lockstep(seed, pool, GetParam(), 1 + static_cast<unsigned>(seed % 3));
    for (unsigned i = 0; i < steps; ++i) {
      lockstep.step();
      if (HasFailure()) FAIL() << what.str() << ", step " << i << "\n" << lockstep.story();
    }
    all.forks += lockstep.tally().forks;
    all.failed_forks += lockstep.tally().failed_forks;
    all.kills += lockstep.tally().kills;
    all.failed_changes += lockstep.tally().failed_changes;
  }
  // A run in which memory never runs out proves little.
  EXPECT_GT(all.forks, rounds);
  EXPECT_GT(all.failed_forks, rounds);
  EXPECT_GT(all.kills, rounds);
  EXPECT_GT(all.failed_changes, rounds);
}

INSTANTIATE_TEST_SUITE_P(, Model,
                         testing::Values(sim::Hardware{.svade = false, .cache_invalid = false, .speculates = false},
                                         sim::Hardware{.svade = false, .cache_invalid = true, .speculates = true},
                                         sim::Hardware{.svade = true, .cache_invalid = false, .speculates = true},
                                         sim::Hardware{.svade = true, .cache_invalid = true, .speculates = false}),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace ox
