// The machine's memory as `vm/` needs it: frames, the zero frame, the kernel's half of every root, and counters.
// One object, made at boot and passed by reference; it outlives every address space.
#pragma once

#include <array>
#include <cstdint>

#include "arch/atomic.h"
#include "vm/event.h"
#include "vm/frame.h"
#include "vm/slab.h"

namespace ox {

// One hart's counters: written by it alone, read by anybody. A size that is a power of two is found without a product.
struct alignas(128) Counters {
  Atomic<std::uint64_t> forks{0};
  Atomic<std::uint64_t> tables_copied{0};  // by forks and by faults
  Atomic<std::uint64_t> tables_copied_by_forks{0};
  Atomic<std::uint64_t> pages_copied_by_forks{0};
  Atomic<std::uint64_t> tables_freed{0};
  Atomic<std::uint64_t> pages_freed{0};
  Atomic<std::uint64_t> faults[fault_outcomes] = {};  // by FaultOutcome; no std::array: its bounds check

  static void add(Atomic<std::uint64_t>& counter, std::uint64_t n = 1) {
    counter.store(counter.load(relaxed) + n, relaxed);
  }
  std::uint64_t faults_that(FaultOutcome outcome) const { return faults[static_cast<unsigned>(outcome)].load(relaxed); }
};

struct Memory {
  Frames frames;
  FrameRef zero;    // the page that untouched anonymous memory reads as; a handle keeps its count above 1
  Ppn kernel_root;  // its entries 256 to 511 stand in every root; complete before the first user root is made
  Atomic<ForkMode> mode{ForkMode::on_demand};  // how processes fork from now on
  EventSink* sink = nullptr;
  Counters counters[max_harts];  // no std::array: its bounds checks
  Slabs slabs{frames};           // kernel objects; last, since it is large and seldom used

  Counters& here() { return counters[hart_index()]; }
  // What f() says has happened, if anybody listens: else it costs a load and a branch.
  template <class F>
  void tell(F f, std::source_location where = std::source_location::current()) {
    if (sink != nullptr) [[unlikely]]
      tell_sink(f, where);
  }
  // After frames has its first range: allocates the zero frame. Errno::enomem: not even one frame.
  Result<> start() {
    zero = FrameRef(frames, TRY(frames.alloc(FrameKind::kept, Content::zero)));
    return {};
  }

 private:
  template <class F>
  [[gnu::cold, gnu::noinline]] void tell_sink(F f, std::source_location where) {
    Event event = f();
    event.where = where;
    sink->event(event);
  }
};

}  // namespace ox
