// A timer: expired() is called when its deadline has come. While armed, it is on the list of the hart that armed it.
//
// Owned by: the object that derives from it, which cancels it before it is destroyed. Locks: the list's lock, which is
// held while expired() runs. Only the owner calls arm() and cancel().
#pragma once

#include <cstdint>

#include "lib/list.h"

namespace ox {

// Ticks of the time CSR.
inline constexpr std::uint64_t no_deadline = ~std::uint64_t{0};

class Timer {
 public:
  std::uint64_t deadline() const { return deadline_; }

 protected:
  Timer() = default;
  ~Timer() = default;

 private:
  friend class Scheduler;

  // Called when the deadline has come. Returns the next deadline; no_deadline: none.
  virtual std::uint64_t expired(std::uint64_t now) = 0;

  std::uint64_t deadline_ = no_deadline;
  unsigned hart_ = 0;
  ListHook<Timer> hook_;
};

}  // namespace ox
