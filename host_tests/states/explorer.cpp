#include "states/explorer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

namespace ox::states {

namespace {

const Explorer* running = nullptr;

void print_story(int) { std::fprintf(stderr, "states: after\n%s", running->story().c_str()); }

}  // namespace

Explorer::~Explorer() { running = nullptr; }

std::string Explorer::story() const {
  std::string all;
  for (const Operation& operation : path_) all += "  " + text(operation) + "\n";
  return all;
}

void Explorer::run() {
  running = this;
  std::signal(SIGABRT, print_story);
  clear_heap();
  std::uint64_t portrait = 0;
  {
    const HeapGuard guard;
    world_ = new World(shape_);
    world_->place_harts();
    world_->fill_tlbs();
    portrait = world_->portrait();
  }
  portraits_.insert(portrait);
  start_.take();
  states_.push_back({});
  for (std::uint32_t state = 0; state < states_.size(); ++state) expand(state);
  start_.restore();
  const HeapGuard guard;
  delete world_;
}

std::vector<Operation> Explorer::way_to(std::size_t state) const {
  std::vector<Operation> way;
  for (; state != 0; state = states_[state].parent) way.push_back(states_[state].operation);
  std::ranges::reverse(way);
  return way;
}

void Explorer::go_to(std::uint32_t state) {
  path_ = way_to(state);
  start_.restore();
  const HeapGuard guard;
  for (const Operation& operation : path_) {
    world_->perform(operation);
    world_->place_harts();
    world_->fill_tlbs();
  }
  world_->audit();
}

void Explorer::expand(std::uint32_t state) {
  go_to(state);
  here_.take();
  const std::size_t free = world_->free_frames();
  for (Operation operation : world_->operations()) {
    path_.push_back(operation);
    bool done = false;
    for (operation.left = 0; !done && operation.left <= free; ++operation.left) done = attempt(state, operation);
    if (!done && free > 3 * (shape_.pages.size() + 1)) panic("states: {} free frames are not enough", free);
    path_.pop_back();
  }
}

// Whether it succeeds.
bool Explorer::attempt(std::uint32_t state, const Operation& operation) {
  path_.back() = operation;
  here_.restore();
  bool done = false;
  std::uint64_t portrait = 0;
  {
    const HeapGuard guard;
    done = world_->perform(operation);
    world_->audit();
    portrait = world_->portrait();
  }
  if (testing::Test::HasFailure()) std::abort();
  ++transitions_;
  if (portraits_.insert(portrait).second) states_.push_back({state, operation});
  return done;
}

}  // namespace ox::states
