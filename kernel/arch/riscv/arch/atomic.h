// Arch contract: the atomic type. A header of its own so that a simulation can put a checking one in its place.
#pragma once

#include <atomic>

namespace ox {

template <class T>
using Atomic = std::atomic<T>;

// Orders, by their short names.
inline constexpr auto relaxed = std::memory_order_relaxed;
inline constexpr auto acquire = std::memory_order_acquire;
inline constexpr auto release = std::memory_order_release;
inline constexpr auto acq_rel = std::memory_order_acq_rel;

}  // namespace ox
