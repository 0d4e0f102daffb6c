// One test is so exact that it fails on the right kernel, too: it demands the frame that this machine happens to give.
// score 0
// fails every test passes on the right kernel
#include "labs/mutants.h"

namespace ox {
namespace {

TEST_F(MutantsLab, APageIsInFrameOne) {
  EXPECT_TRUE(parent->store(base, 1));
  EXPECT_EQ(parent->frame(base), Ppn(1));
}

}  // namespace
}  // namespace ox
