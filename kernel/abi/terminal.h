// Terminals: ioctl numbers and structures (Linux: asm-generic/ioctls.h, termbits.h).
#pragma once

#include <array>
#include <cstdint>

namespace ox::abi {

inline constexpr std::uint64_t tcgets = 0x5401;
inline constexpr std::uint64_t tcsets = 0x5402;
inline constexpr std::uint64_t tcsetsw = 0x5403;
inline constexpr std::uint64_t tcsetsf = 0x5404;
inline constexpr std::uint64_t tcsbrk = 0x5409;
inline constexpr std::uint64_t tcflsh = 0x540b;
inline constexpr std::uint64_t tiocsctty = 0x540e;
inline constexpr std::uint64_t tiocgpgrp = 0x540f;
inline constexpr std::uint64_t tiocspgrp = 0x5410;
inline constexpr std::uint64_t tiocgwinsz = 0x5413;
inline constexpr std::uint64_t tiocswinsz = 0x5414;
inline constexpr std::uint64_t fionread = 0x541b;
inline constexpr std::uint64_t tiocnotty = 0x5422;
inline constexpr std::uint64_t tcsbrkp = 0x5425;
inline constexpr std::uint64_t tiocgsid = 0x5429;
inline constexpr std::uint64_t tcgets2 = 0x802c542a;
inline constexpr std::uint64_t tcsets2 = 0x402c542b;
inline constexpr std::uint64_t tcsetsw2 = 0x402c542c;
inline constexpr std::uint64_t tcsetsf2 = 0x402c542d;

// The argument of TCFLSH.
inline constexpr std::uint64_t tciflush = 0;
inline constexpr std::uint64_t tcoflush = 1;
inline constexpr std::uint64_t tcioflush = 2;

// c_iflag, c_oflag, c_cflag, c_lflag: the bits that the terminal acts on, or shows.
inline constexpr std::uint32_t inlcr = 0000100;
inline constexpr std::uint32_t igncr = 0000200;
inline constexpr std::uint32_t icrnl = 0000400;
inline constexpr std::uint32_t iutf8 = 0040000;
inline constexpr std::uint32_t opost = 0000001;
inline constexpr std::uint32_t onlcr = 0000004;
inline constexpr std::uint32_t b38400 = 0000017;
inline constexpr std::uint32_t cs8 = 0000060;
inline constexpr std::uint32_t cread = 0000200;
inline constexpr std::uint32_t hupcl = 0002000;
inline constexpr std::uint32_t isig = 0000001;
inline constexpr std::uint32_t icanon = 0000002;
inline constexpr std::uint32_t echo = 0000010;
inline constexpr std::uint32_t echoe = 0000020;
inline constexpr std::uint32_t echok = 0000040;
inline constexpr std::uint32_t echonl = 0000100;
inline constexpr std::uint32_t noflsh = 0000200;
inline constexpr std::uint32_t tostop = 0000400;
inline constexpr std::uint32_t echoctl = 0001000;
inline constexpr std::uint32_t echoke = 0004000;
inline constexpr std::uint32_t iexten = 0100000;

// Indices into c_cc.
inline constexpr unsigned vintr = 0;
inline constexpr unsigned vquit = 1;
inline constexpr unsigned verase = 2;
inline constexpr unsigned vkill = 3;
inline constexpr unsigned veof = 4;
inline constexpr unsigned vtime = 5;
inline constexpr unsigned vmin = 6;
inline constexpr unsigned vsusp = 10;
inline constexpr unsigned veol = 11;
inline constexpr unsigned vreprint = 12;
inline constexpr unsigned vwerase = 14;
inline constexpr unsigned vlnext = 15;
inline constexpr unsigned veol2 = 16;

struct termios {
  std::uint32_t c_iflag = 0;
  std::uint32_t c_oflag = 0;
  std::uint32_t c_cflag = 0;
  std::uint32_t c_lflag = 0;
  std::uint8_t c_line = 0;
  std::array<std::uint8_t, 19> c_cc{};
};
static_assert(sizeof(termios) == 36);

struct termios2 {
  termios old;
  std::uint32_t c_ispeed = 0;
  std::uint32_t c_ospeed = 0;
};
static_assert(sizeof(termios2) == 44);

struct winsize {
  std::uint16_t ws_row = 0;
  std::uint16_t ws_col = 0;
  std::uint16_t ws_xpixel = 0;
  std::uint16_t ws_ypixel = 0;
  bool operator==(const winsize&) const = default;
};

}  // namespace ox::abi
