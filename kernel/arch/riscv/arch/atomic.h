// Arch contract: the atomic type. It has its own header so that a simulation can replace it by a checking one.
#pragma once

#include <atomic>

namespace ox {

// Short names for the memory orders.
inline constexpr auto relaxed = std::memory_order_relaxed;
inline constexpr auto acquire = std::memory_order_acquire;
inline constexpr auto release = std::memory_order_release;
inline constexpr auto acq_rel = std::memory_order_acq_rel;

template <class T>
class Atomic : public std::atomic<T> {
 public:
  using std::atomic<T>::atomic;

  // GCC 12 compiles every atomic store to an AMO, but a plain store is enough: an aligned store of up to 8 bytes is one
  // access (RVWMO), and a fence before it makes it a release.
  [[gnu::always_inline]] void store(T value, std::memory_order order = std::memory_order_seq_cst) {
    static_assert(sizeof(T) == sizeof(std::atomic<T>) && sizeof(T) <= 8);
    if (order == std::memory_order_seq_cst) return std::atomic<T>::store(value, order);
    if (order == std::memory_order_release) std::atomic_thread_fence(order);
    *reinterpret_cast<volatile T*>(this) = value;
  }
};

}  // namespace ox
