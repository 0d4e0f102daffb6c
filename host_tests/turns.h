// Two harts that take turns, as threads (threads_test.cpp).
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "arch/hart.h"

namespace ox::sim {

// Puts events in an order in time that the sanitizer does not know of.
class Turns {
 public:
  void wait(int turn) const {
    while (turn_.load(std::memory_order_relaxed) < turn) std::this_thread::yield();
  }
  void done(int turn) { turn_.store(turn + 1, std::memory_order_relaxed); }

 private:
  std::atomic<int> turn_{0};
};

// Runs `first` on hart 0, then `then` on hart 1.
inline void in_turn(const std::function<void()>& first, const std::function<void()>& then) {
  Turns turns;
  std::thread one([&] {
    current_hart = 0;
    first();
    turns.done(0);
  });
  std::thread two([&] {
    current_hart = 1;
    turns.wait(1);
    then();
  });
  one.join();
  two.join();
}

}  // namespace ox::sim
