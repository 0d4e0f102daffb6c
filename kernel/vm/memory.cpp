#include "vm/memory.h"

namespace ox {

bool Memory::start() {
  const std::optional<Ppn> frame = frames.alloc(FrameKind::kept, Content::zero);
  if (!frame) return false;
  zero = FrameRef(frames, *frame);
  return true;
}

}  // namespace ox
