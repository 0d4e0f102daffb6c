// Time (Linux: linux/time_types.h, linux/time.h).
#pragma once

#include <cstdint>

namespace ox::abi {

struct timespec {
  std::int64_t tv_sec = 0;
  std::int64_t tv_nsec = 0;
};

inline constexpr std::uint32_t clock_realtime = 0;
inline constexpr std::uint32_t clock_monotonic = 1;
inline constexpr std::uint32_t clock_boottime = 7;

inline constexpr std::uint32_t timer_abstime = 1;

}  // namespace ox::abi
