// Two harts that take turns at each step, in every order.
//
// A step is an access to an atomic word for which the two harts race: both access it, one of them writes, and no memory
// order puts one access before the other. All other accesses come to the same in every order. The scheduler learns
// which words these are, and begins again when it finds one more. A hart that finds a lock taken waits; giving it back
// is no step. An entry of a page table must never be raced for (rules 2 and 8).
#pragma once

#include <ucontext.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "arch/atomic.h"
#include "states/heap.h"

namespace ox::states {

class Scheduler final : sim::Watcher {
 public:
  struct Duet {
    std::function<void()> begin;         // puts everything back
    std::function<void(unsigned)> hart;  // what the hart does
    std::function<void()> before_each_step;
    std::function<void()> end;  // after both
    std::function<std::string(const void*)> name;
  };

  explicit Scheduler(Duet duet) : duet_(std::move(duet)) {}

  // Runs all orders, and returns how many there are.
  std::uint64_t run_all();
  // The steps of this run so far, one on each line.
  std::string story() const;

 private:
  using Clock = std::array<std::uint32_t, 2>;  // by hart: how many of its accesses came before
  struct Word {
    Clock read{}, written{}, stored{};  // each hart's last access of this kind; written: stores and updates
    Clock released{};                   // what a hart has seen that acquires here
    bool is_lock = false;
  };
  struct Hart {
    ucontext_t context;
    bool ended = false;
    const std::atomic<std::uint32_t>* lock = nullptr;  // it wants to take this lock
    Clock seen{};
  };
  struct Step {
    unsigned hart;
    const void* word;
    sim::Touch touch;
  };

  void touch(const void* word, sim::Touch touch, std::memory_order order) override;
  bool races(Word& word, sim::Touch touch, std::memory_order order);
  void run_one();
  bool next_order();
  void start(unsigned hart);
  void resume(unsigned hart);
  unsigned choose();
  static void body(unsigned low, unsigned high, unsigned hart);

  Duet duet_;
  std::array<Hart, 2> harts_{};
  ucontext_t main_{};
  unsigned now_ = 0;  // the hart that runs
  std::vector<unsigned> choices_;
  std::size_t chosen_ = 0;
  std::unordered_map<const void*, Word> words_;
  std::unordered_set<const void*> contested_;
  bool learned_ = false;
  std::vector<Step> steps_;
};

}  // namespace ox::states
