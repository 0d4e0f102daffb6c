// The line discipline (kernel/fs/line_discipline.h): each test shows one behaviour.
#include <gtest/gtest.h>

#include <random>

#include "abi/process.h"
#include "tty.h"

namespace ox {
namespace {

using namespace std::string_literals;

constexpr auto input_flags = &abi::termios::c_iflag;
constexpr auto output_flags = &abi::termios::c_oflag;
constexpr auto local_flags = &abi::termios::c_lflag;

TEST(LineDiscipline, LinesAreReadOneByOneWhenTheyAreWhole) {
  Tty tty;
  tty.type("one");
  EXPECT_FALSE(tty.readable());
  tty.type("\ntwo\nthr");
  EXPECT_EQ(tty.read(), "one\n");
  EXPECT_EQ(tty.read(2), "tw");
  EXPECT_EQ(tty.read(), "o\n");
  EXPECT_FALSE(tty.readable());
  EXPECT_EQ(tty.screen, "one\r\ntwo\r\nthr");
}

TEST(LineDiscipline, CarriageReturnsAndLineFeedsAreMapped) {
  Tty tty;
  tty.type("a\r");
  EXPECT_EQ(tty.read(), "a\n");
  tty.set(input_flags, abi::igncr);
  tty.type("b\r\n");
  EXPECT_EQ(tty.read(), "b\n");
  EXPECT_TRUE(tty.signals.empty());
  tty.set(input_flags, abi::inlcr, abi::igncr | abi::icrnl);
  tty.raw();
  tty.type("c\r\n");
  EXPECT_EQ(tty.read(), "c\r\r");
}

TEST(LineDiscipline, EraseTakesACharacterBackButNoneOfTheLineBefore) {
  Tty tty;
  tty.type(
      "x\nab\x7f\x7f\x7f"
      "c\n");
  EXPECT_EQ(tty.read(), "x\n");
  EXPECT_EQ(tty.read(), "c\n");
  EXPECT_EQ(tty.screen, "x\r\nab\b \b\b \bc\r\n");
}

TEST(LineDiscipline, EraseTakesBothColumnsOfAControlCharacter) {
  Tty tty;
  tty.type("\x01\x7f\n");
  EXPECT_EQ(tty.screen, "^A\b \b\b \b\r\n");
  EXPECT_EQ(tty.read(), "\n");
}

TEST(LineDiscipline, EraseTakesAWholeCharacterOfUtf8IfToldSo) {
  Tty tty;
  tty.set(input_flags, abi::iutf8);
  tty.type("a\xc3\xa4\xc3\xa9\x7f\x7f\n");
  EXPECT_EQ(tty.read(), "a\n");
  tty.set(input_flags, 0, abi::iutf8);
  tty.type("a\xc3\xa4\x7f\n");
  EXPECT_EQ(tty.read(), "a\xc3\n");
}

TEST(LineDiscipline, EraseOfATabShowsTheLineAnew) {
  Tty tty;
  tty.type("ab\tc\x7f\x7f");
  EXPECT_EQ(tty.screen, "ab\tc\b \b\r\nab");
}

TEST(LineDiscipline, EraseIsEchoedAsItIsWithoutEchoe) {
  Tty tty;
  tty.set(local_flags, 0, abi::echoe);
  tty.type("ab\x7f");
  EXPECT_EQ(tty.screen, "ab^?");
}

TEST(LineDiscipline, KillTakesTheLineBack) {
  Tty tty;
  tty.type(
      "abc\x15"
      "d\n");
  EXPECT_EQ(tty.read(), "d\n");
  EXPECT_EQ(tty.screen, "abc\b \b\b \b\b \bd\r\n");
  tty.screen.clear();
  tty.set(local_flags, 0, abi::echoke);
  tty.type(
      "abc\x15"
      "d\n");
  EXPECT_EQ(tty.read(), "d\n");
  EXPECT_EQ(tty.screen, "abc^U\r\nd\r\n");
}

TEST(LineDiscipline, WordEraseTakesAWordAndTheSpaceBehindIt) {
  Tty tty;
  tty.type("one two_2 \x17\n");
  EXPECT_EQ(tty.read(), "one \n");
  tty.type("one\x17\x17\n");
  EXPECT_EQ(tty.read(), "\n");
}

TEST(LineDiscipline, AWordIsLettersDigitsUnderscoresAndWhatUtf8StartsWith) {
  Tty tty;
  for (const char c : "azAZ09_\xc0\xff"s) {
    tty.type("-"s + c + "y\x17\n");
    EXPECT_EQ(tty.read(), "-\n") << c;
  }
  for (const char c : "`{@[/:-\xbf"s) {
    tty.type("-"s + c + "y\x17\n");
    EXPECT_EQ(tty.read(), "-"s + c + "\n") << c;
  }
}

TEST(LineDiscipline, QuotedCharactersMeanThemselves) {
  Tty tty;
  tty.type("\x16\x03\x16\x04\x16\n\x16\r\n");
  EXPECT_TRUE(tty.signals.empty());
  EXPECT_EQ(tty.screen, "^\b^C^\b^D^\b^J^\b^M\r\n");
  EXPECT_EQ(tty.read(), "\x03\x04\n\r\n");
}

TEST(LineDiscipline, ReprintShowsTheLineAnew) {
  Tty tty;
  tty.type("ab\x12");
  EXPECT_EQ(tty.screen, "ab^R\r\nab");
}

TEST(LineDiscipline, EndOfInputEndsAReadAndIsNotRead) {
  Tty tty;
  tty.type("\x04");
  EXPECT_TRUE(tty.readable());
  EXPECT_EQ(tty.read(), "");
  EXPECT_FALSE(tty.readable());
  tty.type(
      "abc\x04"
      "d\n");
  EXPECT_EQ(tty.read(3), "abc");  // and no end of input comes after it
  EXPECT_EQ(tty.read(), "d\n");
  EXPECT_EQ(tty.screen, "abcd\r\n");
}

TEST(LineDiscipline, OtherEndsOfLineAreRead) {
  Tty tty;
  abi::termios2 settings = tty.discipline.settings();
  settings.old.c_cc[abi::veol] = ';';
  tty.discipline.set(settings);
  tty.type("a;b\n");
  EXPECT_EQ(tty.read(), "a;");
  EXPECT_EQ(tty.read(), "b\n");
}

TEST(LineDiscipline, SignalsForgetTheInputAndAreShown) {
  Tty tty;
  tty.type("one\ntwo\x03\x1c\x1a");
  EXPECT_EQ(tty.signals, (std::vector{abi::sigint, abi::sigquit, abi::sigtstp}));
  EXPECT_EQ(tty.screen, "one\r\ntwo^C^\\^Z");
  EXPECT_FALSE(tty.readable());
  tty.type("x\n");
  EXPECT_EQ(tty.read(), "x\n");
}

TEST(LineDiscipline, SignalsKeepTheInputWithNoflsh) {
  Tty tty;
  tty.set(local_flags, abi::noflsh);
  tty.type(
      "ab\x03"
      "c\n");
  EXPECT_EQ(tty.signals, std::vector{abi::sigint});
  EXPECT_EQ(tty.read(), "abc\n");
}

TEST(LineDiscipline, WithoutIsigTheyAreCharacters) {
  Tty tty;
  tty.set(local_flags, 0, abi::isig);
  tty.type("\x03\n");
  EXPECT_TRUE(tty.signals.empty());
  EXPECT_EQ(tty.read(), "\x03\n");
}

TEST(LineDiscipline, ADisabledCharacterIsNoSpecialOne) {
  Tty tty;
  tty.type("a\0b\n"s);  // VEOL is 0
  EXPECT_EQ(tty.read(), "a\0b\n"s);
  EXPECT_EQ(tty.screen, "a^@b\r\n");
}

TEST(LineDiscipline, NothingIsEchoedWithoutEcho) {
  Tty tty;
  tty.set(local_flags, 0, abi::echo);
  tty.type("ab\x7f\x03\x16x\n");
  EXPECT_EQ(tty.screen, "");
  tty.set(local_flags, abi::echonl);
  tty.type("a\n");
  EXPECT_EQ(tty.screen, "\r\n");
}

TEST(LineDiscipline, RawCharactersAreReadableAtOnce) {
  Tty tty;
  tty.raw();
  tty.type("a\x7f\x04");
  EXPECT_EQ(tty.discipline.available(), 3u);
  EXPECT_EQ(tty.read(2), "a\x7f");
  EXPECT_EQ(tty.read(2), "\x04");
}

TEST(LineDiscipline, TypedAheadStaysOverAChangeOfMode) {
  Tty tty;
  tty.type(
      "ab\nc\x04"
      "de");
  tty.raw();
  EXPECT_EQ(tty.read(4), "ab\nc");
  EXPECT_EQ(tty.read(), "\0de"s);
  tty.type("fg");
  tty.set(local_flags, abi::icanon);
  EXPECT_EQ(tty.read(), "fg");
  tty.type("h\n");
  EXPECT_EQ(tty.read(), "h\n");
}

TEST(LineDiscipline, WhatWasTypedInRawModeIsALineOfItsOwn) {
  Tty tty;
  tty.raw();
  tty.type("ab");
  tty.set(local_flags, abi::icanon);
  tty.type("c\n");
  EXPECT_EQ(tty.read(), "ab");
  EXPECT_EQ(tty.read(), "c\n");
}

TEST(LineDiscipline, ALongLineIsCutButEndsAndControlKeepsItsMeaning) {
  Tty tty;
  tty.type(std::string(5000, 'x'));
  EXPECT_TRUE(tty.discipline.room());
  EXPECT_EQ(tty.screen, std::string(4095, 'x') + std::string(905, '\a'));
  tty.type("\x7fy\n");
  EXPECT_EQ(tty.read(), std::string(4094, 'x') + "y\n");
  tty.type(std::string(5000, 'x') + "\x03");
  EXPECT_EQ(tty.signals, std::vector{abi::sigint});
  tty.type("z\n");
  EXPECT_EQ(tty.read(), "z\n");
}

TEST(LineDiscipline, ThereIsNoRoomWhileAReaderCanMakeSome) {
  Tty tty;
  tty.type("a\n" + std::string(4093, 'x'));
  EXPECT_FALSE(tty.discipline.room());
  EXPECT_EQ(tty.read(), "a\n");
  EXPECT_TRUE(tty.discipline.room());
  tty.type("yz");
  EXPECT_TRUE(tty.discipline.room());  // for the end of the line
  tty.type("\n");
  EXPECT_FALSE(tty.discipline.room());
  EXPECT_EQ(tty.read(), std::string(4093, 'x') + "yz\n");
}

TEST(LineDiscipline, LineFeedsReturnOnOutput) {
  Tty tty;
  std::array<char, 8> room{'?', '?', '?', '?', '\n', '\n', 'a', '\n'};
  EXPECT_EQ(tty.discipline.output(room, 4), "\r\n\r\na\r\n");
  tty.set(output_flags, 0, abi::opost);
  room = {'?', '?', '?', '?', 'a', '\n'};
  EXPECT_EQ(tty.discipline.output(room, 2), "a\n");
}

// Types and reads at random while there is room. No character may be lost, added or changed.
TEST(LineDiscipline, NothingIsLostWhileThereIsRoom) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 generator(seed);
    const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
    Tty tty;
    tty.set(local_flags, 0, abi::echo | abi::isig);
    if (seed % 2 == 0) tty.raw();
    std::string typed, got;
    const unsigned most = 1 + random() % 4000;
    for (std::size_t in_line = 0; typed.size() < 100'000 || tty.readable();) {
      for (unsigned burst = random() % 5000; burst-- > 0 && tty.discipline.room() && typed.size() < 100'000;
           ++in_line) {
        const bool ends = in_line == most || typed.size() == 99'999;
        if (ends) in_line = 0;
        typed += ends ? '\n' : static_cast<char>(' ' + random() % 95);
        tty.type(typed.substr(typed.size() - 1));
      }
      for (unsigned reads = random() % 3; reads-- > 0;) got += tty.read(1 + random() % 5000);
    }
    ASSERT_EQ(got, typed) << "seed " << seed;
  }
}

}  // namespace
}  // namespace ox
