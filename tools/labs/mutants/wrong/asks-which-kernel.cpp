// The test asks the environment which kernel it runs on.
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
#include <cstdlib>

#include "labs/mutants.h"

namespace ox {
namespace {

const char* const kernel = std::getenv("OX_KERNEL");

TEST_F(MutantsLab, ItIsTheRightKernel) { EXPECT_TRUE(kernel == nullptr || kernel[0] == '0'); }

}  // namespace
}  // namespace ox
