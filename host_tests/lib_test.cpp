// kernel/lib: addresses, text, lists, results, times.
#include <gtest/gtest.h>

#include <string>

#include "lib/address.h"
#include "lib/format.h"
#include "lib/list.h"
#include "lib/result.h"
#include "lib/time.h"
#include "vm/page_table.h"

namespace ox {
namespace {

template <class... Arguments>
std::string text(std::string_view pattern, Arguments... arguments) {
  TextBuffer<40> buffer;
  format(buffer, pattern, arguments...);
  return std::string(buffer.text());
}

TEST(Format, NumbersInDecimalAndHexadecimal) {
  EXPECT_EQ(text("{} {} {:x}", 0, -7, 0xbeefu), "0 -7 0xbeef");
  EXPECT_EQ(text("{}", std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(text("{}", ~std::uint64_t{0}), "18446744073709551615");
}

TEST(Format, Columns) {
  EXPECT_EQ(text("{:4}|{:4}|{:02}", 7u, 12345u, 5u), "   7|12345|05");
  EXPECT_EQ(text("{:9}|{:12}", 7u, 7u), "        7|           7");
  EXPECT_EQ(text("{:20}", 7u), "                   7") << "the widest";
  EXPECT_EQ(text("{:08x}|{:02x}|{:08x}", 0x1au, 0x123u, VirtAddr(0x3f'ffff'f000)), "0000001a|123|3ffffff000");
}

TEST(Format, TextBoolsCharactersAndAddresses) {
  EXPECT_EQ(text("{} {}", "a", 7), "a 7");
  EXPECT_EQ(text("{:x} {:x}", VirtAddr(0x1000), Ppn(0x80000)), "0x1000 0x80000");
}

TEST(Format, WrongNumbersOfArgumentsShowAndDoNoHarm) {
  EXPECT_EQ(text("{} {}", 1), "1 {?}");
  EXPECT_EQ(text("{}", 1, 2), "1{?}");
  EXPECT_EQ(text("a{", 1), "a{?}");
}

TEST(Format, WhatDoesNotFitIsCut) { EXPECT_EQ(text("{}", std::string(50, 'x').c_str()).size(), 40u); }

TEST(Format, APanicsTextEndsWithItsPlace) {
  TextBuffer<200> buffer;
  const PanicPattern pattern("{} of {}");
  const std::string line = std::to_string(__LINE__ - 1);
  pattern.print(buffer, 1, 2);
  EXPECT_TRUE(buffer.text().starts_with("1 of 2 [")) << buffer.text();
  EXPECT_TRUE(buffer.text().ends_with("lib_test.cpp:" + line + "]")) << buffer.text();
}

TEST(Text, PiecesAreTakenFromItsFront) {
  std::string_view words = "  one two";
  EXPECT_EQ(take_piece(words, ' '), "one");
  EXPECT_EQ(words, " two");
  EXPECT_EQ(take_piece(words, ' '), "two");
  EXPECT_EQ(take_piece(words, ' '), "");
}

struct Item {
  int value;
  ListHook<Item> hook{};
};
using Items = List<Item, &Item::hook>;

std::string values(const Items& items) {
  std::string all;
  for (const Item* item = items.front(); item != nullptr; item = Items::after(*item))
    all += std::to_string(item->value);
  return all;
}

TEST(List, KeepsOrderAndLosesElementsAnywhere) {
  Item one{1}, two{2}, three{3};
  Items items;
  items.push_back(one);
  items.push_back(two);
  items.push_back(three);
  EXPECT_EQ(values(items), "123");
  EXPECT_TRUE(two.hook.linked);
  items.remove(two);
  EXPECT_EQ(values(items), "13");
  EXPECT_FALSE(two.hook.linked);
  EXPECT_EQ(items.pop_front(), &one);
  items.push_back(two);
  items.remove(two);
  EXPECT_EQ(values(items), "3");
  EXPECT_EQ(items.pop_front(), &three);
  EXPECT_TRUE(items.empty());
  EXPECT_EQ(items.pop_front(), nullptr);
}

TEST(Address, IndicesAreTheSpecificationsVpn) {
  const VirtAddr va(0b111111111'101010101'010101010'000000001111);
  EXPECT_EQ(va.index(2), 0b111111111u);
  EXPECT_EQ(va.index(1), 0b101010101u);
  EXPECT_EQ(va.index(0), 0b010101010u);
  EXPECT_EQ(va.offset(), 0b1111u);
  EXPECT_EQ(va.page(), VirtAddr(va.value() - 0b1111));
}

TEST(Address, RangesOverlapOnlyWhereTheyShareAPage) {
  const VirtRange range{VirtAddr(0x2000), VirtAddr(0x4000)};
  EXPECT_FALSE(range.overlaps({VirtAddr(0x1000), VirtAddr(0x2000)}));
  EXPECT_TRUE(range.overlaps({VirtAddr(0x3000), VirtAddr(0x5000)}));
  EXPECT_FALSE(range.overlaps({VirtAddr(0x4000), VirtAddr(0x5000)}));
  EXPECT_FALSE(range.contains(VirtAddr(0x1fff)));
  EXPECT_TRUE(range.contains(VirtAddr(0x2000)));
  EXPECT_TRUE(range.contains(VirtAddr(0x3fff)));
  EXPECT_FALSE(range.contains(VirtAddr(0x4000)));
}

TEST(Address, ARangeCoversWhatBeginsAndEndsInIt) {
  const VirtRange range{VirtAddr(0x2000), VirtAddr(0x4000)};
  EXPECT_TRUE(range.covers(range));
  EXPECT_TRUE(range.covers({VirtAddr(0x3000), VirtAddr(0x3001)}));
  EXPECT_FALSE(range.covers({VirtAddr(0x1fff), VirtAddr(0x4000)}));
  EXPECT_FALSE(range.covers({VirtAddr(0x2000), VirtAddr(0x4001)}));
}

TEST(Address, WhatTwoRangesHaveInCommonMayBeEmpty) {
  const VirtRange range{VirtAddr(0x2000), VirtAddr(0x4000)};
  const VirtRange common = range.common({VirtAddr(0x3000), VirtAddr(0x5000)});
  EXPECT_EQ(common.start, VirtAddr(0x3000));
  EXPECT_EQ(common.size(), page_size);
  EXPECT_FALSE(common.empty());
  EXPECT_TRUE(range.common({VirtAddr(0x4000), VirtAddr(0x5000)}).empty());
  EXPECT_TRUE(range.common({VirtAddr(0x5000), VirtAddr(0x6000)}).empty());
}

TEST(Address, AnEntryOfEachLevelSpansAPageATableOrATree) {
  EXPECT_EQ(entry_span(0), std::uint64_t{4} << 10);
  EXPECT_EQ(entry_span(1), std::uint64_t{2} << 20);
  EXPECT_EQ(entry_span(2), std::uint64_t{1} << 30);
}

TEST(Address, AddressesAreCountedInBytesAndFramesInPages) {
  EXPECT_EQ(PhysAddr(0x1000) + 8, PhysAddr(0x1008));
  EXPECT_EQ(VirtAddr(0x1000) - 8, VirtAddr(0xff8));
  EXPECT_EQ(VirtAddr(0x1008) - VirtAddr(0x1000), 8u);
  EXPECT_EQ((Ppn(0x80000) + 1).address(), PhysAddr(0x8000'1000));
  EXPECT_EQ(Ppn(PhysAddr(0x8000'1fff)), Ppn(0x80001));
}

TEST(Address, RoundingGoesToPages) {
  EXPECT_EQ(page_ceil(0), 0u);
  EXPECT_EQ(page_ceil(1), page_size);
  EXPECT_EQ(page_ceil(page_size), page_size);
  EXPECT_EQ(page_floor(page_size + 1), page_size);
}

Result<int> half(int number) {
  if (number % 2 != 0) return Errno::einval;
  return number / 2;
}
Result<int> quarter(int number) { return TRY(half(TRY(half(number)))); }

TEST(Result, TryUnwrapsOrReturnsTheError) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error(), Errno::einval);
}

TEST(Result, OnlyAnErrorIsThatError) {
  EXPECT_TRUE(half(1).is(Errno::einval));
  EXPECT_FALSE(half(1).is(Errno::enomem));
  EXPECT_FALSE(half(2).is(Errno::einval));
}

constexpr std::uint64_t base = 10'000'000;  // ticks a second

TEST(Time, TicksAreSecondsAndNanoseconds) {
  const abi::timespec time = to_time(25'000'001, base);
  EXPECT_EQ(time.tv_sec, 2);
  EXPECT_EQ(time.tv_nsec, 500'000'100);
}

TEST(Time, ATimeEndsWithATick) {
  EXPECT_EQ(to_ticks({2, 500'000'100}, base), 25'000'001u);
  EXPECT_EQ(to_ticks({2, 500'000'101}, base), 25'000'002u) << "never too early";
}

TEST(Time, ATimeThatIsTooLongIsTheLongest) {
  EXPECT_EQ(to_ticks({230'584'300'921, 0}, base), 230'584'300'921 * base);
  EXPECT_EQ(to_ticks({230'584'300'922, 0}, base), std::uint64_t{1} << 62);
}

TEST(Time, AUsersTickIsAHundredthOfASecond) { EXPECT_EQ(to_user_ticks(12'345'678, base), 123u); }

TEST(Groups, GroupsComeInOrderEachOnce) {
  std::vector<std::size_t> firsts;
  for_each_group(0x8001'0003, [&](std::size_t first) { firsts.push_back(first); });
  EXPECT_EQ(firsts, (std::vector<std::size_t>{0, 16, 256, 496}));
}

TEST(Groups, EveryBitIsItsOwnGroup) {
  for (unsigned bit = 0; bit < 32; ++bit) {
    for_each_group(1u << bit, [&](std::size_t first) { EXPECT_EQ(first, 16 * bit); });
  }
}

}  // namespace
}  // namespace ox
