#include <gtest/gtest.h>
#include "sim/process.h"
namespace ox {
namespace {
using namespace sim;
TEST(Fork, Smoke) {
  Machine m(100);
  auto p = m.new_process();
  ASSERT_TRUE(p->map(pages(VirtAddr(0x10000), 4), rw));
  EXPECT_TRUE(p->store(VirtAddr(0x10000), 5));
  auto c = p->fork(ForkMode::on_demand);
  EXPECT_TRUE(c->store(VirtAddr(0x10000), 6));
  EXPECT_EQ(p->load(VirtAddr(0x10000)), 5u);
  EXPECT_TRUE(p->store(VirtAddr(0x10000), 7));
  EXPECT_EQ(c->load(VirtAddr(0x10000)), 6u);
}
}}
