// Something that is to happen at a time: hangs on the list of the hart that armed it.
//
// Owned by whom it belongs to, who cancels it before it goes. Locks: the hart's list has one; expired() is called with
// it held. arm() and cancel() are the owner's alone to call.
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

  // It is time; when again? no_deadline: not any more.
  virtual std::uint64_t expired(std::uint64_t now) = 0;

  std::uint64_t deadline_ = no_deadline;
  unsigned hart_ = 0;
  ListHook<Timer> hook_;
};

}  // namespace ox
