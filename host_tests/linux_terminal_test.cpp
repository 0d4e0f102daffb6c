// Compares ox's line discipline with Linux's own, behind a pty, where there is one.
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <random>

#include "tty.h"

namespace ox {
namespace {

class Pty {
 public:
  Pty() { good = openpty(&master_, &slave_, nullptr, nullptr, nullptr) == 0; }
  ~Pty() {
    close(master_);
    close(slave_);
  }
  void set(const abi::termios& settings) { ASSERT_EQ(ioctl(slave_, abi::tcsets, &settings), 0); }
  void type(char c) { ASSERT_EQ(::write(master_, &c, 1), 1); }
  // The output: as many bytes as are expected, or fewer if none comes for a while.
  std::string screen(std::size_t size) { return read_all(master_, size, 1000); }
  // Reads when at least `waiting` bytes can be read.
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

// Types and reads the same on both, with random settings.
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
  // Only an echo shows that Linux has processed the input. Without one, it is unknown what a flush would drop.
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
