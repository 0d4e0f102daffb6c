// Converts between ticks of the time CSR and Linux's units of time. `base` is the number of ticks in a second.
#pragma once

#include <cstdint>

#include "abi/system.h"

namespace ox {

inline constexpr std::uint64_t nanoseconds_a_second = 1'000'000'000;

constexpr abi::timespec to_time(std::uint64_t ticks, std::uint64_t base) {
  return {static_cast<std::int64_t>(ticks / base),
          static_cast<std::int64_t>(ticks % base * nanoseconds_a_second / base)};
}

// Rounds up. A time that is too long becomes the longest one that can be counted. `time` must not be negative.
constexpr std::uint64_t to_ticks(const abi::timespec& time, std::uint64_t base) {
  constexpr std::uint64_t longest = std::uint64_t{1} << 62;
  const auto seconds = static_cast<std::uint64_t>(time.tv_sec);
  if (seconds > longest / base / 2) return longest;
  return seconds * base +
         (static_cast<std::uint64_t>(time.tv_nsec) * base + nanoseconds_a_second - 1) / nanoseconds_a_second;
}

// In hundredths of a second, the unit that AT_CLKTCK announces.
constexpr std::uint64_t to_user_ticks(std::uint64_t ticks, std::uint64_t base) { return ticks / (base / 100); }

}  // namespace ox
