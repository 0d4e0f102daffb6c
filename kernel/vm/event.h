// What happens to memory, one event a piece: the trace prints these, tests and pictures count them.
#pragma once

#include <array>
#include <cstdint>

#include "lib/address.h"
#include "vm/pte.h"

namespace ox {

// How a page fault ends. Linux's counterparts beside them (mm/memory.c).
enum class FaultOutcome : std::uint8_t {
  spurious,     // the entry allows it already: fence and retry     (spurious_fault)
  granted,      // the last owner gets W, nothing is copied         (wp_page_reuse)
  copied,       // a shared page is copied                          (wp_page_copy)
  zeroed,       // first store: a frame of zeros                    (do_anonymous_page)
  mapped_zero,  // first load: one more reference to the zero frame (do_anonymous_page, zero page)
  mapped_file,  // first access: one more reference to a file's     (do_read_fault, do_shared_fault)
  denied,       // no such mapping, or it does not allow this: SIGSEGV
  past_end,     // the mapped file has no such page: SIGBUS
  no_memory,    // nothing left to serve it with: SIGKILL for this process alone
};
// The instruction can be made again, and nothing else is to be done.
constexpr bool served(FaultOutcome outcome) {
  return FaultOutcome::granted <= outcome && outcome <= FaultOutcome::mapped_file;
}

enum class ForkMode : std::int32_t {
  eager = -1,     // own tables, own frames
  cow = 0,        // own tables, shared frames
  on_demand = 2,  // own root, everything below it shared
};

// What a tree holds that it alone refers to, and what it shares: [0] pages, [1] to [3] tables of level 0 to 2. Below a
// shared table nothing is counted: it is shared as a whole.
struct TreeTally {
  std::array<std::uint32_t, 4> own{};
  std::array<std::uint32_t, 4> shared{};
};

struct Event {
  enum class Kind : std::uint8_t { fork, fault, exit };

  Kind kind;
  Access access{};
  FaultOutcome outcome{};
  ForkMode mode{};
  int pid = 0;
  int child = 0;
  VirtAddr va{};
  Ppn frame_before{};  // fault: what the entry named before and after, 0 for nothing, with counts
  Ppn frame_after{};
  std::uint32_t count_before = 0;
  std::uint32_t count_after = 0;
  std::uint32_t tables = 0;  // fault: tables copied; exit: frames freed that were tables
  std::uint32_t pages = 0;   // exit: frames freed that were pages
  TreeTally tally{};         // fork: the child's tree
};

inline constexpr unsigned fault_outcomes = 9;

class EventSink {
 public:
  virtual void event(const Event& event) = 0;

 protected:
  ~EventSink() = default;
};

}  // namespace ox
