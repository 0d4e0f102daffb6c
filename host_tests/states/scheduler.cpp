#include "states/scheduler.h"

#include <algorithm>
#include <array>

#include "arch/hart.h"
#include "arch/memory.h"

namespace ox::states {

namespace {

constexpr std::array touch_names{"reads", "writes", "updates", "locks"};
alignas(16) std::array<std::array<std::byte, 256 * 1024>, 2> stacks;

}  // namespace

std::string Scheduler::story() const {
  std::string all;
  for (const Step& step : steps_) {
    all += "  hart " + std::to_string(step.hart) + " " + touch_names[static_cast<unsigned>(step.touch)] + " " +
           duet_.name(step.word) + "\n";
  }
  return all;
}

std::uint64_t Scheduler::run_all() {
  std::uint64_t orders = 0;
  do {
    if (learned_) {
      learned_ = false;
      choices_.clear();
      orders = 0;
    }
    run_one();
    ++orders;
  } while (learned_ || next_order());
  return orders;
}

// Depth first: the last choice that could have been another one becomes that one.
bool Scheduler::next_order() {
  while (!choices_.empty() && choices_.back() == 1) choices_.pop_back();
  if (!choices_.empty()) choices_.back() = 1;
  return !choices_.empty();
}

void Scheduler::run_one() {
  words_.clear();
  steps_.clear();
  chosen_ = 0;
  duet_.begin();
  const HeapGuard guard;
  sim::watcher = this;
  for (const unsigned hart : {0u, 1u}) start(hart);
  for (const unsigned hart : {0u, 1u}) resume(hart);  // up to its first step
  while (!harts_[0].ended || !harts_[1].ended) {
    duet_.before_each_step();
    resume(choose());
  }
  sim::watcher = nullptr;
  duet_.end();
}

// A hart that has ended, or waits for a lock, has no turn.
unsigned Scheduler::choose() {
  const auto ready = [](const Hart& hart) {
    return !hart.ended && (hart.lock == nullptr || hart.lock->load(std::memory_order_relaxed) == 0);
  };
  if (!ready(harts_[0]) && !ready(harts_[1])) panic("states: deadlock: both harts wait for locks");
  if (!ready(harts_[0])) return 1;
  if (!ready(harts_[1])) return 0;
  const HeapGuard outside(false);
  if (chosen_ == choices_.size()) choices_.push_back(0);
  return choices_[chosen_++];
}

void Scheduler::start(unsigned hart) {
  harts_[hart] = {};
  ucontext_t& context = harts_[hart].context;
  getcontext(&context);
  context.uc_stack.ss_sp = stacks[hart].data();
  context.uc_stack.ss_size = stacks[hart].size();
  context.uc_link = &main_;
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  makecontext(&context, reinterpret_cast<void (*)()>(body), 3, static_cast<unsigned>(self),
              static_cast<unsigned>(self >> 32), hart);
}

void Scheduler::body(unsigned low, unsigned high, unsigned hart) {
  auto* const self = reinterpret_cast<Scheduler*>(std::uintptr_t{high} << 32 | low);
  self->duet_.hart(hart);
  self->harts_[hart].ended = true;
}

void Scheduler::resume(unsigned hart) {
  now_ = sim::current_hart = hart;
  swapcontext(&main_, &harts_[hart].context);
}

// Waits until it is this hart's turn to touch the word.
void Scheduler::touch(const void* word, sim::Touch touch, std::memory_order order) {
  const HeapGuard outside(false);
  const unsigned me = now_;
  Hart& hart = harts_[me];
  const auto step = [&] {
    const HeapGuard inside;
    swapcontext(&hart.context, &main_);
  };
  if (touch == sim::Touch::lock) hart.lock = static_cast<const std::atomic<std::uint32_t>*>(word);
  Word& what = words_[word];
  what.is_lock |= touch == sim::Touch::lock;
  const bool unlocks = what.is_lock && touch == sim::Touch::store;  // nobody else can do anything with it before
  if (contested_.contains(word) && !unlocks) {
    step();
    steps_.push_back({me, word, touch});
  }
  while (hart.lock != nullptr && hart.lock->load(std::memory_order_relaxed) != 0) {
    learned_ |= contested_.insert(word).second;
    step();
  }
  hart.lock = nullptr;
  if (races(what, touch, order)) learned_ |= contested_.insert(word).second;
}

// Notes the access. Returns whether no memory order puts it after the other hart's.
bool Scheduler::races(Word& word, sim::Touch touch, std::memory_order order) {
  const bool acquires = order != std::memory_order_relaxed && order != std::memory_order_release;
  const bool releases = order != std::memory_order_relaxed && order != std::memory_order_acquire;
  const auto join = [](Clock& clock, const Clock& more) {
    for (const unsigned hart : {0u, 1u}) clock[hart] = std::max(clock[hart], more[hart]);
  };
  Clock& seen = harts_[now_].seen;
  const unsigned other = 1 - now_;
  const bool writes = touch != sim::Touch::load;
  const bool race = word.written[other] > seen[other] || (writes && word.read[other] > seen[other]);
  const bool stores = touch == sim::Touch::store;
  if (((race && stores) || word.stored[other] > seen[other]) && !word.is_lock) {
    panic("states: rule 8: a race for a word that one hart stores to; neither a count nor a lock");
  }
  (writes ? word.written : word.read)[now_] = ++seen[now_];
  if (stores) word.stored[now_] = seen[now_];
  if (acquires && !stores) join(seen, word.released);
  if (stores) word.released = {};
  if (releases && writes) join(word.released, seen);
  return race;
}

}  // namespace ox::states
