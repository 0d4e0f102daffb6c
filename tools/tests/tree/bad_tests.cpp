// Tests that fail in every possible way, for test_check_host.py.
#include <gtest/gtest.h>

#include <cstdlib>

namespace {

void panic(const char* message) {
  std::fprintf(stderr, "panic: %s\n", message);
  std::abort();
}

TEST(Bad, Passes) {}
TEST(Bad, Fails) { ADD_FAILURE() << "rule 3: W on a shared page: pid 2"; }
TEST(Bad, Panics) { panic("rule 6: a fence is missing"); }
TEST(Bad, PassesAfterAPanic) {}
TEST(Bad, PanicsToo) { panic("rule 6: a fence is missing"); }
TEST(Bad, IsLeftOut) { GTEST_SKIP(); }
TEST(Bad, NeverEnds) {
  for (volatile int i = 0;; i = i + 1) {
  }
}

class Param : public testing::TestWithParam<int> {};
TEST_P(Param, IsTwo) { EXPECT_EQ(GetParam(), 2); }
INSTANTIATE_TEST_SUITE_P(, Param, testing::Values(2, 3),
                         [](const auto& test) { return test.param == 2 ? "two" : "three"; });

}  // namespace
