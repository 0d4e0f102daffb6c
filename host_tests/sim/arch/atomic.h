// Arch contract on the host: the atomic type, the same as on RISC-V. ThreadSanitizer checks its use.
#pragma once

#include <atomic>

namespace ox {

template <class T>
using Atomic = std::atomic<T>;

// Short names of the memory orders.
inline constexpr auto relaxed = std::memory_order_relaxed;
inline constexpr auto acquire = std::memory_order_acquire;
inline constexpr auto release = std::memory_order_release;
inline constexpr auto acq_rel = std::memory_order_acq_rel;

}  // namespace ox
