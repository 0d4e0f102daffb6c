#include "fs/line_discipline.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <random>
#include <string>
#include <vector>

#include "abi/process.h"

namespace ox {
namespace {

using namespace std::string_literals;

// A discipline with what it shows and the signals it asks for.
struct Tty final : TextSink {
  void write(std::string_view text) override { screen += text; }
  void type(const std::string& text) {
    for (const char c : text) {
      if (const int signal = discipline.input(c); signal != 0) signals.push_back(signal);
    }
  }
  void set(std::uint32_t abi::termios::* flags, std::uint32_t on, std::uint32_t off = 0) {
    abi::termios2 settings = discipline.settings();
    settings.old.*flags = (settings.old.*flags | on) & ~off;
    discipline.set(settings);
  }
  void raw() { set(&abi::termios::c_lflag, 0, abi::icanon); }
  // One read; what stands behind a full buffer stays.
  std::string read(std::size_t size = 5000) {
    std::string text(size, '?');
    bool end = false;
    text.resize(discipline.take(text, end));
    return text;
  }
  bool readable() const { return discipline.available() != 0; }

  std::string screen;
  std::vector<int> signals;
  LineDiscipline discipline{*this};
};

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
  tty.type("a\xc3\xa4\x7f\n");
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
  EXPECT_EQ(tty.read(3), "abc");  // and not an end of input next
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
  EXPECT_EQ(tty.read(), "ab\nc\0de"s);
  tty.type("fg");
  tty.set(local_flags, abi::icanon);
  EXPECT_EQ(tty.read(), "fg");
  tty.type("h\n");
  EXPECT_EQ(tty.read(), "h\n");
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
  EXPECT_TRUE(tty.discipline.room());  // for the line's end
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

// Random typing and reading while there is room: nothing is lost, added or changed on the way.
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

// --- Linux's own discipline behind a pty is the oracle, where there is one.

class Pty {
 public:
  Pty() { good = openpty(&master_, &slave_, nullptr, nullptr, nullptr) == 0; }
  ~Pty() {
    close(master_);
    close(slave_);
  }
  void set(const abi::termios& settings) { ASSERT_EQ(ioctl(slave_, abi::tcsets, &settings), 0); }
  void type(char c) { ASSERT_EQ(::write(master_, &c, 1), 1); }
  // What appears, until it is as long as expected or nothing comes for a while.
  std::string screen(std::size_t size) { return read_all(master_, size, 1000); }
  // When at least `waiting` characters are there to be read.
  std::string read(std::size_t size, std::uint32_t waiting) {
    pollfd readable{slave_, POLLIN, 0};
    if (poll(&readable, 1, 1000) != 1) return "nothing to read";
    std::uint32_t count = 0;
    for (int tries = 0; tries < 1000 && ioctl(slave_, abi::fionread, &count) == 0 && count < waiting; ++tries) {
      usleep(1000);
    }
    std::string text(size, '?');
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(slave_, text.data(), size), 0)));
    return text;
  }

  bool good = false;

 private:
  static std::string read_all(int fd, std::size_t size, int milliseconds) {
    std::string text;
    while (text.size() < size) {
      char chunk[4096];
      pollfd wait{fd, POLLIN, 0};
      if (poll(&wait, 1, milliseconds) != 1) break;
      const auto count = ::read(fd, chunk, sizeof chunk);
      if (count <= 0) break;
      text.append(chunk, static_cast<std::size_t>(count));
    }
    return text;
  }
  int master_ = -1;
  int slave_ = -1;
};

// The same typing and reading on both, with settings at random.
void compare_with_linux(unsigned seed, std::string& log) {
  std::mt19937 generator(seed);
  const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
  Tty tty;
  Pty pty;
  ASSERT_TRUE(pty.good);
  abi::termios settings = tty.discipline.settings().old;
  settings.c_lflag ^= random() & (abi::echo | abi::echoe | abi::echok | abi::echonl | abi::noflsh | abi::echoctl |
                                  abi::echoke | abi::iexten | abi::isig);
  if (random() % 4 == 0) settings.c_lflag &= ~abi::icanon;
  // Only an echo says that Linux has got so far.
  if ((settings.c_lflag & abi::echo) == 0) settings.c_lflag |= abi::noflsh;
  settings.c_iflag ^= random() & (abi::icrnl | abi::inlcr | abi::igncr | abi::iutf8);
  settings.c_oflag ^= random() & abi::onlcr;
  settings.c_cc[abi::veol] = ';';
  tty.discipline.set({settings, 38400, 38400});
  pty.set(settings);
  constexpr char alphabet[] = "abc _\xc3\xa4\xe2\x82\xac\x01;\r\n\x7f\x15\x17\x16\x12\x04\x03\x1a";
  for (int step = 0; step < 300; ++step) {
    const char c = alphabet[random() % (sizeof alphabet - 1)];
    log += c;
    tty.screen.clear();
    tty.type(std::string(1, c));
    pty.type(c);
    ASSERT_EQ(pty.screen(tty.screen.size()), tty.screen) << "seed " << seed << " at step " << step;
    if (random() % 4 != 0 || !tty.readable()) continue;
    const std::size_t size = 1 + random() % 8;
    const std::uint32_t waiting = tty.discipline.canonical() ? 0 : tty.discipline.available();
    ASSERT_EQ(pty.read(size, waiting), tty.read(size)) << "seed " << seed << " at step " << step;
  }
}

TEST(LineDiscipline, DoesWhatLinuxDoes) {
  if (!Pty().good) GTEST_SKIP() << "no pty here";
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::string log;
    compare_with_linux(seed, log);
    if (HasFatalFailure()) FAIL() << "typed: " << testing::PrintToString(log);
  }
}

}  // namespace
}  // namespace ox
