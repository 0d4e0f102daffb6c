// The tests do things, and ask nothing that could be wrong.
// score 0
// fails kernel 1: fork
// fails kernel 2: fork
// fails kernel 3: stores after a fork
// fails kernel 4: munmap
// fails kernel 5: the kernel's own accesses
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

TEST_F(MutantsLab, ForkWorks) {
  EXPECT_TRUE(parent->store(base, 1));
  for (const ForkMode mode : {ForkMode::eager, ForkMode::cow, ForkMode::on_demand}) {
    auto child = parent->fork(mode);
    EXPECT_NE(child, nullptr);
    EXPECT_TRUE(child->store(base, 2));
    EXPECT_EQ(child->load(base), 2u);
  }
}

TEST_F(MutantsLab, UnmappingWorks) {
  EXPECT_TRUE(parent->store(base, 1));
  EXPECT_TRUE(parent->unmap(pages(base)));
  EXPECT_TRUE(parent->protect(pages(far), ro));
}

}  // namespace
}  // namespace ox
