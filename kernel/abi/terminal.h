// Terminals: ioctl numbers and structures (Linux: asm-generic/ioctls.h, termbits.h).
#pragma once

#include <array>
#include <cstdint>

namespace ox::abi {

inline constexpr std::uint64_t tcgets = 0x5401;
inline constexpr std::uint64_t tiocgwinsz = 0x5413;
inline constexpr std::uint64_t tcgets2 = 0x802c542a;

// c_iflag, c_oflag, c_cflag, c_lflag: the bits that describe what the console does.
inline constexpr std::uint32_t icrnl = 0000400;
inline constexpr std::uint32_t b38400 = 0000017;
inline constexpr std::uint32_t cs8 = 0000060;
inline constexpr std::uint32_t cread = 0000200;
inline constexpr std::uint32_t hupcl = 0002000;
inline constexpr std::uint32_t icanon = 0000002;
inline constexpr std::uint32_t echo = 0000010;
inline constexpr std::uint32_t echoe = 0000020;
inline constexpr std::uint32_t echok = 0000040;

// Indices into c_cc.
inline constexpr unsigned verase = 2;
inline constexpr unsigned vkill = 3;
inline constexpr unsigned veof = 4;

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
};

}  // namespace ox::abi
