// The machine's memory as vm/ needs it. One object, made at boot and passed by reference; it outlives every address
// space.
#pragma once

#include "arch/atomic.h"
#include "vm/event.h"
#include "vm/frame.h"

namespace ox {

struct Memory {
  Frames frames;
  FrameRef zero;    // the page that untouched memory reads as; with this handle it is never a process's alone
  Ppn kernel_root;  // its entries 256 to 511 stand in every root; complete before the first user root is made
  Atomic<ForkMode> mode{ForkMode::on_demand};  // how processes fork from now on
  Tracepoints trace;

  // Allocates the zero frame. Frames must have their first range. Errno::enomem: there is not one frame.
  Result<> start() {
    zero = TRY(FrameRef::make(frames, FrameKind::cached, Content::zero));
    return {};
  }
};

}  // namespace ox
