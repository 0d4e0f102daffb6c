// The tests are about memory after a fork alone, and one counts free frames, which are as many after a needless copy.
// score 25
// fails kernel 3: stores after a fork
// fails kernel 4: munmap
// fails kernel 6: files and fork
// fails kernel 7: mprotect
// fails kernel 8: fork without memory
// fails kernel 9: memory at exit
// fails kernel 10: the heap
// fails kernel 11: files and munmap
// fails kernel 12: mremap
#include "labs/mutants.h"

namespace ox {
namespace {

TEST_F(MutantsLab, EachHasItsOwnPages) {
  for (const ForkMode mode : {ForkMode::eager, ForkMode::cow, ForkMode::on_demand}) {
    for (unsigned i = 0; i < 64; ++i) EXPECT_TRUE(parent->store(page(i), i));
    auto child = parent->fork(mode);
    for (unsigned i = 0; i < 64; ++i) EXPECT_TRUE(parent->store(page(i), 100));
    EXPECT_TRUE(parent->write(page(63) + 8, 5));
    for (unsigned i = 0; i < 64; ++i) EXPECT_EQ(child->load(page(i)), i);
  }
}

TEST_F(MutantsLab, TheKernelsWriteIsOneProcesss) {
  EXPECT_TRUE(parent->store(base, 1));
  auto child = parent->fork(ForkMode::cow);
  EXPECT_TRUE(child->write(base, 2));
  EXPECT_EQ(parent->load(base), 1u);
}

TEST_F(MutantsLab, TheLastOwnerTakesNoFrame) {
  EXPECT_TRUE(parent->store(base, 1));
  parent->fork(ForkMode::cow).reset();
  const std::size_t free = machine.free_frames();
  EXPECT_TRUE(parent->store(base, 2));
  EXPECT_EQ(machine.free_frames(), free);
}

}  // namespace
}  // namespace ox
