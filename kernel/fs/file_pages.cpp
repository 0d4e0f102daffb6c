#include "fs/file_pages.h"

namespace ox {

// The frame in `slot`; where there is none, a new one of zeros, which is an index without entries too.
Result<Ppn> FilePages::fill(Frames& frames, Ppn& slot, FrameKind kind) {
  if (slot == Ppn()) {
    const auto frame = frames.alloc(kind, Content::zero);
    if (!frame) return Errno::enomem;
    slot = *frame;
  }
  return slot;
}

Ppn FilePages::find(std::uint64_t index) const {
  if (root_ == Ppn() || index >= max_pages) return Ppn();
  const Ppn lower = index_at(root_)[index / slots];
  return lower == Ppn() ? Ppn() : index_at(lower)[index % slots];
}

Result<Ppn> FilePages::make(std::uint64_t index) {
  if (index >= max_pages) return Errno::efbig;
  const Ppn root = TRY(fill(frames_, root_, FrameKind::kernel));
  const Ppn lower = TRY(fill(frames_, index_at(root)[index / slots], FrameKind::kernel));
  return fill(frames_, index_at(lower)[index % slots], FrameKind::kept);
}

FilePages::~FilePages() {
  if (root_ == Ppn()) return;
  for_each([this](Ppn page) { const FrameRef last(frames_, page); });
  for (const Ppn lower : index_at(root_)) {
    if (lower != Ppn()) const FrameRef last(frames_, lower);
  }
  const FrameRef last(frames_, root_);
}

}  // namespace ox
