// One hart's address translation, written from the privileged specification alone ("Sv39: Page-Based 39-bit
// Virtual-Memory System", "Virtual Address Translation Process", "Supervisor Memory-Management Fence Instruction"), so
// that it can contradict kernel/vm. It shares no constant with it.
//
// It caches everything it reads, leaf and non-leaf entries, by address and level, and forgets nothing by itself. The
// lowest cached entry for an address decides, whatever stands in memory by then: the worst that an implementation may
// do. Locks: none. Other harts ask only caches() and root(); both are relaxed, so that no order comes from the
// simulator that real memory would not have.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace ox::sim {

// What the specification leaves to the implementation.
struct Hardware {
  bool svade = false;          // A or D clear: true: page fault (Svade), false: hardware sets it (Svadu)
  bool cache_invalid = false;  // whether entries that are not valid are cached too
  bool speculates = false;     // what a fence forgot is read again at once, before anybody asks for it
};

enum class Use : std::uint8_t { load, store, fetch };
enum class Privilege : std::uint8_t { user, supervisor };

struct Cached {
  std::uint64_t va;  // the first address it is for
  int level;
  std::uint64_t entry;
};

class Mmu {
 public:
  Mmu(Hardware hardware, std::uint64_t first_frame, std::size_t frames);

  // Physical address, or nothing: page fault.
  std::optional<std::uint64_t> translate(std::uint64_t va, Use use, Privilege privilege);
  // The word that the instruction fetch unit sees at a physical address: it, too, forgets only on its fence.
  std::uint64_t fetch(std::uint64_t physical);

  void set_root(std::uint64_t ppn) { root_.store(ppn, std::memory_order_relaxed); }
  std::uint64_t root() const { return root_.load(std::memory_order_relaxed); }
  void fence_leaf(std::uint64_t va);
  void fence_all();
  void fence_instructions() { instructions_.clear(); }

  // Whether a translation through or to this frame is cached.
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
  std::vector<std::atomic<std::uint32_t>> named_;             // by frame: how many cached entries name it
  std::unordered_map<std::uint64_t, std::uint64_t> instructions_;
};

}  // namespace ox::sim
