#include "fs/file_pages.h"

#include "arch/hart.h"

namespace ox {

Ppn FilePages::find(std::uint64_t index) const {
  Ppn frame = index >> 9 * height_ == 0 ? root_ : Ppn();
  for (unsigned level = height_; level > 0 && frame != Ppn(); --level) frame = slot(frame, level, index);
  return frame == Ppn() ? hole() : frame;
}

std::uint64_t FilePages::next(std::uint64_t index) const {
  while (root_ != Ppn() && index >> 9 * height_ == 0) {
    Ppn frame = root_;
    unsigned level = height_;
    for (; level > 0 && frame != Ppn(); --level) frame = slot(frame, level, index);
    if (frame != Ppn()) return index;
    index = ((index >> 9 * level) + 1) << 9 * level;  // skips all pages below the missing frame
  }
  return max_pages;
}

Result<FrameRef> FilePages::copy(std::uint64_t index) const {
  FrameRef copy = TRY(FrameRef::make(memory_.frames, FrameKind::page));
  copy_page(copy.bytes(), to_pointer(find(index)));
  return copy;
}

Result<Ppn> FilePages::make(std::uint64_t index, bool shared) {
  TRY(grow(index));
  Ppn* frame = &root_;
  for (unsigned level = height_; level > 0; --level) {
    if (*frame == Ppn()) *frame = TRY(new_frame(FrameKind::kernel, Content::zero));
    frame = &slot(*frame, level, index);
  }
  if (*frame == Ppn()) {
    *frame = TRY(new_page(Content::zero));
    ++count_;
  } else if (!shared && memory_.frames.is_shared(*frame)) {
    const Ppn copy = TRY(new_page(Content::any));
    copy_page(to_pointer(copy), to_pointer(*frame));
    drop_page(*frame);
    *frame = copy;
  }
  return *frame;
}

// Allocates a frame and counts it as the files'. The limit does not apply to a copy, which replaces another frame.
Result<Ppn> FilePages::new_frame(FrameKind kind, Content content) {
  if (content == Content::zero && room_ != nullptr && room_->left() == 0) return Errno::enospc;
  const Ppn frame = TRY(memory_.frames.alloc(kind, content));
  if (room_ != nullptr) room_->used.fetch_add(1, relaxed);
  return frame;
}

Result<Ppn> FilePages::new_page(Content content) {
  const Ppn page = TRY(new_frame(FrameKind::cached, content));
  memory_.trace.event({.kind = Event::Kind::cache, .level = page_level, .frame = page});
  return page;
}

// Makes the tree high enough for page `index`.
Result<> FilePages::grow(std::uint64_t index) {
  if (index >= max_pages) return Errno::efbig;
  for (; index >> 9 * height_ != 0; ++height_) {
    if (root_ == Ppn()) continue;
    const Ppn above = TRY(new_frame(FrameKind::kernel, Content::zero));
    at(above)[0] = root_;
    root_ = above;
  }
  return {};
}

// Drops the pages from `first` on in the subtree at `frame`. `first` counts from the subtree's first page.
void FilePages::cut(Ppn& frame, unsigned level, std::uint64_t first, bool windows) {
  if (frame == Ppn() || first >> 9 * level != 0) return;
  if (level == 0) {
    drop_page(frame);
    --count_;
  } else {
    const unsigned shift = 9 * (level - 1);
    std::uint64_t from = first & ((std::uint64_t{1} << shift) - 1);
    for (std::uint64_t i = first >> shift; i < 512; ++i, from = 0) cut(at(frame)[i], level - 1, from, windows);
    if (windows) interrupt_window();
    if (first == 0) drop_frame(frame);
  }
  if (first == 0) frame = Ppn();
}

// Drops the file's reference to a page. Other holders keep the page, which is no longer a page of a file.
void FilePages::drop_page(Ppn frame) {
  memory_.trace.event({.kind = Event::Kind::uncache, .level = page_level, .frame = frame});
  memory_.frames.record(frame).kind = FrameKind::page;
  drop_frame(frame);
}

void FilePages::drop_frame(Ppn frame) {
  if (room_ != nullptr) room_->used.fetch_sub(1, relaxed);
  const FrameRef last(memory_.frames, frame);
}

}  // namespace ox
