// One hart's address translation, written from the privileged specification alone ("Sv39: Page-Based 39-bit
// Virtual-Memory System", "Virtual Address Translation Process", "Supervisor Memory-Management Fence Instruction"). It
// shares no constant with kernel/vm, so that the two can disagree.
//
// It caches each entry that it reads, leaf or not, by address and level, and drops entries only at a fence. The lowest
// cached entry for an address is used, even if memory has changed: that is the worst behaviour that the specification
// allows. Locks: none. Other harts call only caches() and root(). Both are relaxed, so the simulator adds no memory
// order that real hardware would not have.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace ox::sim {

// What the specification leaves to the implementation.
struct Hardware {
  bool svade = false;          // if A or D is clear: true: page fault (Svade); false: hardware sets it (Svadu)
  bool cache_invalid = false;  // whether entries without V are cached too
  bool speculates = false;     // whether entries dropped by a fence are read again at once, before they are needed
};

enum class Use : std::uint8_t { load, store, fetch };
enum class Privilege : std::uint8_t { user, supervisor };

struct Cached {
  std::uint64_t va;  // the first address that the entry covers
  int level;
  std::uint64_t entry;
};

class Mmu {
 public:
  Mmu(Hardware hardware, std::uint64_t first_frame, std::size_t frames);

  // The physical address; nothing: a page fault.
  std::optional<std::uint64_t> translate(std::uint64_t va, Use use, Privilege privilege);
  // The word that instruction fetch sees at a physical address. It is cached until fence.i.
  std::uint64_t fetch(std::uint64_t physical);

  void set_root(std::uint64_t ppn) { root_.store(ppn, std::memory_order_relaxed); }
  std::uint64_t root() const { return root_.load(std::memory_order_relaxed); }
  void fence_leaf(std::uint64_t va);
  void fence_all();
  void fence_instructions() {
    instructions_.clear();
    ++instruction_fences_;
  }
  std::uint64_t instruction_fences() const { return instruction_fences_; }

  // Whether the hart caches a translation that uses this frame, as a table or as a page.
  bool caches(std::uint64_t ppn) const;
  std::vector<Cached> cached() const;

 private:
  struct Leaf {
    std::uint64_t entry;
    int level;
  };
  std::optional<Leaf> walk(std::uint64_t va);
  void remember(int level, std::uint64_t va, std::uint64_t entry);
  void forget(std::unordered_map<std::uint64_t, std::uint64_t>::iterator at);
  std::optional<std::uint64_t> use_leaf(Leaf leaf, std::uint64_t va, Use use, Privilege privilege);
  std::atomic<std::uint32_t>* counter(std::uint64_t entry);

  Hardware hardware_;
  std::uint64_t first_frame_;
  std::atomic<std::uint64_t> root_{0};
  std::unordered_map<std::uint64_t, std::uint64_t> entries_;  // by level and address
  std::vector<std::atomic<std::uint32_t>> named_;             // frame -> number of cached entries that name it
  std::unordered_map<std::uint64_t, std::uint64_t> instructions_;
  std::uint64_t instruction_fences_ = 0;
};

}  // namespace ox::sim
