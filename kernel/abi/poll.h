// poll and select: Linux, asm-generic/poll.h, linux/posix_types.h.
#pragma once

#include <array>
#include <cstdint>

namespace ox::abi {

inline constexpr std::uint32_t pollin = 0x1;
inline constexpr std::uint32_t pollpri = 0x2;
inline constexpr std::uint32_t pollout = 0x4;
inline constexpr std::uint32_t pollerr = 0x8;
inline constexpr std::uint32_t pollhup = 0x10;
inline constexpr std::uint32_t pollnval = 0x20;
inline constexpr std::uint32_t pollrdnorm = 0x40;
inline constexpr std::uint32_t pollwrnorm = 0x100;

struct pollfd {
  std::int32_t fd = 0;
  std::uint16_t events = 0;
  std::uint16_t revents = 0;
};

// A set of descriptors, as many words as there are descriptors for.
inline constexpr unsigned fd_setsize = 1024;
using fd_set = std::array<std::uint64_t, fd_setsize / 64>;

}  // namespace ox::abi
