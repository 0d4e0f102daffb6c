// Terminals: ioctl numbers and structures (Linux: asm-generic/ioctls.h, termbits.h).
#pragma once

#include <array>
#include <cstdint>

namespace ox::abi {

// Requests of ioctl(2): settings, in the older and the newer form; drain, flush and bytes that wait; the controlling
// terminal; the foreground group and the size of the window.
inline constexpr std::uint64_t tcgets = 0x5401, tcsets = 0x5402, tcsetsw = 0x5403, tcsetsf = 0x5404;
inline constexpr std::uint64_t tcgets2 = 0x802c542a, tcsets2 = 0x402c542b, tcsetsw2 = 0x402c542c, tcsetsf2 = 0x402c542d;
inline constexpr std::uint64_t tcsbrk = 0x5409, tcsbrkp = 0x5425, tcflsh = 0x540b, fionread = 0x541b;
inline constexpr std::uint64_t tiocsctty = 0x540e, tiocnotty = 0x5422, tiocgsid = 0x5429;
inline constexpr std::uint64_t tiocgpgrp = 0x540f, tiocspgrp = 0x5410, tiocgwinsz = 0x5413, tiocswinsz = 0x5414;

// The argument of TCFLSH.
inline constexpr std::uint64_t tcoflush = 1, tcioflush = 2;

// c_iflag, c_oflag, c_cflag, c_lflag: the bits that the terminal acts on or only reports.
inline constexpr std::uint32_t inlcr = 0000100, igncr = 0000200, icrnl = 0000400, iutf8 = 0040000;
inline constexpr std::uint32_t opost = 0000001, onlcr = 0000004;
inline constexpr std::uint32_t b38400 = 0000017, cs8 = 0000060, cread = 0000200, hupcl = 0002000;
inline constexpr std::uint32_t isig = 0000001, icanon = 0000002, noflsh = 0000200, tostop = 0000400, iexten = 0100000;
inline constexpr std::uint32_t echo = 0000010, echoe = 0000020, echok = 0000040, echonl = 0000100;
inline constexpr std::uint32_t echoctl = 0001000, echoke = 0004000;

// Indices into c_cc.
inline constexpr unsigned vintr = 0, vquit = 1, vsusp = 10;
inline constexpr unsigned verase = 2, vkill = 3, vwerase = 14, vreprint = 12, vlnext = 15;
inline constexpr unsigned veof = 4, veol = 11, veol2 = 16, vtime = 5, vmin = 6;

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
