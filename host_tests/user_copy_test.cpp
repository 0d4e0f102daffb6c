// The kernel's own accesses to user memory: they take the same path as the user's, and reach only user memory (rule 9).
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "sim/process.h"

namespace ox {
namespace {

using namespace sim;

constexpr VirtAddr base{0x10'0000};
constexpr VirtAddr kernel{0xffff'ffc0'8000'0000};

class UserCopy : public testing::Test {
 protected:
  UserCopy() : process(machine.new_process()) {
    EXPECT_TRUE(process->map(pages(base, 3), rw));
    EXPECT_TRUE(process->map(pages(base + 3 * page_size), ro));
    EXPECT_TRUE(process->map(pages(user_end - page_size), rw));
  }
  Result<> out(VirtAddr to, std::string_view text) {
    return process->in_kernel([&](AddressSpace& space) { return space.copy_out(to, std::as_bytes(std::span(text))); });
  }
  Result<std::string> in(VirtAddr from, std::size_t size) {
    std::string text(size, '?');
    const Result<> done = process->in_kernel(
        [&](AddressSpace& space) { return space.copy_in(std::as_writable_bytes(std::span(text)), from); });
    if (!done) return done.error();
    return text;
  }
  Result<std::string> string_in(VirtAddr from, std::size_t room = 100) {
    std::vector<char> buffer(room);
    const Result<std::string_view> text =
        process->in_kernel([&](AddressSpace& space) { return space.copy_string_in(buffer, from); });
    if (!text) return text.error();
    return std::string(*text);
  }

  Machine machine{64};
  std::unique_ptr<Process> process;
};

TEST_F(UserCopy, BytesThatAreCopiedOutAreCopiedIn) {
  EXPECT_TRUE(out(base + 100, "hello"));
  EXPECT_EQ(*in(base + 100, 5), "hello");
  EXPECT_EQ(process->load(base + 96).value() >> 32 & 0xff, std::uint64_t{'h'});
}

TEST_F(UserCopy, ACopyCrossesPages) {
  const std::string text(2 * page_size, 'x');
  EXPECT_TRUE(out(base + 10, text));
  EXPECT_EQ(*in(base + 10, text.size()), text);
  EXPECT_EQ(*in(base + 9, 1), std::string(1, '\0'));
  EXPECT_EQ(*in(base + 10 + text.size(), 1), std::string(1, '\0'));
}

TEST_F(UserCopy, NothingIsCopiedAnywhereAtSizeZero) {
  EXPECT_TRUE(out(VirtAddr(0), ""));
  EXPECT_TRUE(in(base, 0));
}

TEST_F(UserCopy, AddressesOutsideOfUserMemoryAreRefused) {
  for (const VirtAddr va : {VirtAddr(0), VirtAddr(8), base - 1, base + 4 * page_size, user_end, user_end - 1 + 1,
                            kernel, VirtAddr(~std::uint64_t{0}), VirtAddr(~std::uint64_t{7}), VirtAddr(1ull << 39)}) {
    EXPECT_EQ(out(va, "12345678").error(), Errno::efault) << std::hex << va.value();
    EXPECT_EQ(in(va, 8).error(), Errno::efault) << std::hex << va.value();
    EXPECT_EQ(string_in(va == base - 1 ? base - 2 : va).error(), Errno::efault) << std::hex << va.value();
    EXPECT_EQ(process->in_kernel([&](AddressSpace& space) { return space.zero_out(va, 8); }).error(), Errno::efault);
  }
}

TEST_F(UserCopy, RangesThatStraddleTheTopOrWrapAreRefused) {
  EXPECT_EQ(out(user_end - 4, "12345678").error(), Errno::efault);
  EXPECT_EQ(in(user_end - 4, 8).error(), Errno::efault);
  EXPECT_TRUE(out(user_end - 8, "12345678"));
  EXPECT_EQ(*in(user_end - 8, 8), "12345678");
  EXPECT_TRUE(out(base, "text"));
  const Result<> wraps =
      process->in_kernel([](AddressSpace& space) { return space.zero_out(base, ~std::uint64_t{0} - 10); });
  EXPECT_EQ(wraps.error(), Errno::efault);
  EXPECT_EQ(*in(base, 4), "text") << "refused before anything is written";
}

TEST_F(UserCopy, ReadOnlyMemoryIsNotWrittenTo) {
  EXPECT_EQ(out(base + 3 * page_size, "no").error(), Errno::efault);
  EXPECT_EQ(*in(base + 3 * page_size, 2), std::string(2, '\0'));
  EXPECT_EQ(out(base + 3 * page_size, "no").error(), Errno::efault);
  EXPECT_EQ(out(base + 3 * page_size - 1, "no").error(), Errno::efault) << "half of it";
}

TEST_F(UserCopy, AfterAForkTheKernelsWriteReachesOneProcess) {
  EXPECT_TRUE(out(base, "old."));
  for (const ForkMode mode : {ForkMode::eager, ForkMode::cow, ForkMode::on_demand}) {
    process->load(base);
    auto child = process->fork(mode);
    EXPECT_TRUE(out(base, "new."));
    std::uint32_t word = 0;
    std::memcpy(&word, "new.", 4);
    EXPECT_EQ(*process->load(base) & 0xffff'ffff, word) << "the user sees it at once";
    std::memcpy(&word, "old.", 4);
    EXPECT_EQ(*child->load(base) & 0xffff'ffff, word);
    EXPECT_TRUE(out(base, "old."));
  }
}

TEST_F(UserCopy, AfterAForkTheKernelsZerosReachOneProcess) {
  EXPECT_TRUE(out(base, "old."));
  auto child = process->fork(ForkMode::on_demand);
  EXPECT_TRUE(process->in_kernel([](AddressSpace& space) { return space.zero_out(base, 4); }));
  EXPECT_EQ(*in(base, 4), std::string(4, '\0'));
  EXPECT_NE(*child->load(base), 0u);
}

TEST_F(UserCopy, ZeroOutLeavesTheRestOfThePage) {
  EXPECT_TRUE(out(base, std::string(page_size + 10, 'x')));
  EXPECT_TRUE(process->in_kernel([](AddressSpace& space) { return space.zero_out(base + 5, page_size); }));
  EXPECT_EQ(*in(base, page_size + 10), std::string(5, 'x') + std::string(page_size, '\0') + std::string(5, 'x'));
}

TEST_F(UserCopy, StringsEndWithinTheirMemory) {
  EXPECT_TRUE(out(base + page_size - 3, std::string("abcdef\0", 7)));
  EXPECT_EQ(*string_in(base + page_size - 3), "abcdef");
  EXPECT_EQ(*string_in(base + page_size - 3, 7), "abcdef");
  EXPECT_EQ(string_in(base + page_size - 3, 6).error(), Errno::enametoolong);
  EXPECT_EQ(*string_in(base), "");
  EXPECT_TRUE(out(user_end - 4, "abcd"));
  EXPECT_EQ(string_in(user_end - 4).error(), Errno::efault) << "no 0 before the end of user memory";
  EXPECT_TRUE(out(user_end - 4, std::string("abc\0", 4)));
  EXPECT_EQ(*string_in(user_end - 4), "abc");
}

TEST_F(UserCopy, WithoutMemoryTheProcessIsStarved) {
  machine.leave_free(0);
  EXPECT_EQ(out(base, "x").error(), Errno::enomem);
  EXPECT_TRUE(process->space().is_oom_victim());
  machine.release_hoard();
}

// If a vfork child runs out of memory, the parent must survive. The space goes back to the parent.
TEST_F(UserCopy, ASpaceThatGoesToAnotherProcessIsNotStarved) {
  machine.leave_free(0);
  EXPECT_EQ(out(base, "x").error(), Errno::enomem);
  process->space().set_pid(process->space().pid());
  EXPECT_FALSE(process->space().is_oom_victim());
  machine.release_hoard();
}

TEST_F(UserCopy, APinnedPageIsThePagesOwn) {
  const auto pinned =
      process->in_kernel([](AddressSpace& space) { return space.fault_in(base + 4000, 1000, Access::store); });
  ASSERT_TRUE(pinned);
  EXPECT_EQ(pinned->size(), 96u);
  EXPECT_EQ(pinned->data(), to_pointer(process->frame(base)) + 4000);
}

}  // namespace
}  // namespace ox
