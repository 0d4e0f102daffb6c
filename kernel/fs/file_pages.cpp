#include "fs/file_pages.h"

namespace ox {

Ppn FilePages::find(std::uint64_t index) const {
  if (index >= max_pages) return Ppn();
  Ppn frame = root_;
  for (unsigned level = top_level; level > 0 && frame != Ppn(); --level) frame = slot(frame, level, index);
  return frame;
}

Result<Ppn> FilePages::make(std::uint64_t index) {
  if (index >= max_pages) return Errno::efbig;
  Ppn* frame = &root_;
  for (unsigned level = top_level;; --level) {
    if (*frame == Ppn()) {
      const auto fresh = frames_.alloc(level == 0 ? FrameKind::kept : FrameKind::kernel, Content::zero);
      if (!fresh) return Errno::enomem;
      *frame = *fresh;
    }
    if (level == 0) return *frame;
    frame = &slot(*frame, level, index);
  }
}

void FilePages::drop(Ppn frame, unsigned level) {
  if (frame == Ppn()) return;
  if (level > 0) {
    for (const Ppn below : at(frame)) drop(below, level - 1);
  }
  const FrameRef last(frames_, frame);
}

}  // namespace ox
