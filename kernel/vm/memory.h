// The machine's memory as vm/ needs it. One object, made at boot and passed by reference; it outlives every address
// space.
#pragma once

#include <array>
#include <cstdint>

#include "arch/atomic.h"
#include "arch/hart.h"
#include "arch/memory.h"
#include "vm/event.h"
#include "vm/frame.h"

namespace ox {

// Which harts may have old instructions in their caches. A hart fetches through a cache that stores do not reach;
// fence.i empties it. So what makes a page code counts it, and a hart that has not fenced since then does so before it
// runs a program. Most switches need no fence.
class NewCode {
 public:
  // After the code is written: a page became executable, or a program says that it has changed its own.
  void count() { changes_.fetch_add(1, release); }
  void fence() {
    std::uint64_t& seen = seen_[hart_index()];
    const std::uint64_t changes = changes_.load(acquire);
    if (seen == changes) return;
    seen = changes;
    fence_i();
  }

 private:
  Atomic<std::uint64_t> changes_{1};
  std::array<std::uint64_t, max_harts> seen_{};  // each is its hart's own
};

struct Memory {
  Frames frames;
  FrameRef zero;    // the page that untouched memory reads as; with this handle it is never a process's alone
  Ppn kernel_root;  // its entries 256 to 511 stand in every root; complete before the first user root is made
  Atomic<ForkMode> mode{ForkMode::on_demand};  // how processes fork from now on
  NewCode code;
  Tracepoints trace;

  // Allocates the zero frame. Frames must have their first range. Errno::enomem: there is not one frame.
  Result<> start() {
    zero = TRY(FrameRef::make(frames, FrameKind::cached, Content::zero));
    return {};
  }
};

}  // namespace ox
