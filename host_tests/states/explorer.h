// Visits every state that a world can reach, breadth first. In each state it does all that can be done, with 0, 1, 2
// ... free frames until it succeeds. Each of these transitions is audited. A violation ends the program, which then
// prints the shortest sequence of operations that leads there.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "states/heap.h"
#include "states/world.h"

namespace ox::states {

class Explorer {
 public:
  explicit Explorer(const Shape& shape) : shape_(shape) {}
  ~Explorer();
  Explorer(const Explorer&) = delete;
  Explorer& operator=(const Explorer&) = delete;

  void run();
  std::size_t states() const { return states_.size(); }
  std::uint64_t transitions() const { return transitions_; }
  // The number of operations on the way to the state that is farthest away.
  std::size_t longest() const { return way_to(states_.size() - 1).size(); }
  // The operations that have led here, one on each line.
  std::string story() const;

 private:
  struct State {
    std::uint32_t parent;
    Operation operation;  // leads here from the parent
  };

  std::vector<Operation> way_to(std::size_t state) const;
  void go_to(std::uint32_t state);
  void expand(std::uint32_t state);
  bool attempt(std::uint32_t state, const Operation& operation);

  const Shape& shape_;
  World* world_ = nullptr;  // in the heap
  std::vector<State> states_;
  std::unordered_set<std::uint64_t> portraits_;  // of all states
  Snapshot start_, here_;
  std::vector<Operation> path_;
  std::uint64_t transitions_ = 0;
};

}  // namespace ox::states
