// Arch contract on the host: the atomic type, the same as on RISC-V. ThreadSanitizer checks its use. A test may watch
// each access, and let another hart go first (host_tests/states).
#pragma once

#include <atomic>

namespace ox {

namespace sim {

enum class Touch : unsigned char { load, store, update, lock };

class Watcher {
 public:
  // Called before each access to an atomic word.
  virtual void touch(const void* word, Touch touch, std::memory_order order) = 0;

 protected:
  ~Watcher() = default;
};
inline constinit Watcher* watcher = nullptr;  // null: nobody watches

}  // namespace sim

// `exchange` takes locks, and nothing else does.
template <class T>
class Atomic {
 public:
  constexpr Atomic() = default;
  constexpr Atomic(T value) : value_(value) {}

  T load(std::memory_order order = std::memory_order_seq_cst) const {
    look(sim::Touch::load, order);
    return value_.load(order);
  }
  void store(T value, std::memory_order order = std::memory_order_seq_cst) {
    look(sim::Touch::store, order);
    value_.store(value, order);
  }
  T fetch_add(T value, std::memory_order order) {
    look(sim::Touch::update, order);
    return value_.fetch_add(value, order);
  }
  T fetch_sub(T value, std::memory_order order) {
    look(sim::Touch::update, order);
    return value_.fetch_sub(value, order);
  }
  T exchange(T value, std::memory_order order) {
    look(sim::Touch::lock, order);
    return value_.exchange(value, order);
  }

 private:
  void look(sim::Touch touch, std::memory_order order) const {
    if (sim::watcher != nullptr) sim::watcher->touch(&value_, touch, order);
  }

  std::atomic<T> value_{};
};

// Short names of the memory orders.
inline constexpr auto relaxed = std::memory_order_relaxed;
inline constexpr auto acquire = std::memory_order_acquire;
inline constexpr auto release = std::memory_order_release;
inline constexpr auto acq_rel = std::memory_order_acq_rel;

}  // namespace ox
