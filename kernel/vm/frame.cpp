#include "vm/frame.h"

#include <algorithm>

#include "arch/panic.h"
#include "lib/page.h"

namespace ox {

namespace {

constexpr std::uint32_t refill_batch = 64;
constexpr std::uint64_t junk = 0x5a5a'5a5a'5a5a'5a5a;

std::span<std::uint64_t> words(Ppn frame) {
  return {reinterpret_cast<std::uint64_t*>(to_pointer(frame)), page_size / sizeof(std::uint64_t)};
}

}  // namespace

void Frames::start(std::span<Frame> records, Ppn first) {
  by_number_ =
      reinterpret_cast<Frame*>(reinterpret_cast<std::uintptr_t>(records.data()) - first.value() * sizeof(Frame));
  record_count_ = records.size();
  first_ = first;
}

void Frames::add_range(Ppn first, Ppn end) {
  if (first < first_ || end > first_ + record_count_) panic("frames {:x} to {:x} have no records", first, end);
  if (ranges_ == fresh_.size()) panic("more than {} ranges of RAM", ranges_);
  FreshRange& range = fresh_[ranges_++];
  range.start = static_cast<std::uint32_t>(first.value());
  range.end = static_cast<std::uint32_t>(end.value());
  range.next.store(range.start, relaxed);
  total_ += range.end - range.start;
}

void Frames::set_reserve(std::uint32_t frames) {
  reserve_ = frames;
  for (std::uint32_t i = 0; i < frames; ++i) (void)FrameRef::make(*this, FrameKind::kernel);
}

// A frame of the wanted content if the list has one, else of the other; number 0: the list is empty.
inline Frames::Popped Frames::pop(FreeList& list, Content wanted) {
  auto content = static_cast<unsigned>(wanted);
  if (list.head[content] == 0) content ^= 1;
  const std::uint32_t number = list.head[content];
  if (number != 0) {
    list.head[content] = by_number_[number].next_free;
    list.size.store(list.size.load(relaxed) - 1, relaxed);
  }
  return {number, static_cast<Content>(content)};
}

void Frames::push(FreeList& list, std::uint32_t number, Content content) {
  Frame& frame = by_number_[number];
  frame.kind = FrameKind::free;
  frame.next_free = list.head[static_cast<unsigned>(content)] & 0xfff'ffff;
  list.head[static_cast<unsigned>(content)] = number;
  list.size.store(list.size.load(relaxed) + 1, relaxed);
}

// Moves a batch of frames never used before to `list`, if there are any. The lock is held all the while: who finds
// nothing fresh any more, and looks into this list next, waits for the batch.
void Frames::refill(FreeList& list) {
  for (unsigned i = 0; i < ranges_; ++i) {
    FreshRange& range = fresh_[i];
    if (range.next.load(relaxed) >= range.end) continue;
    const std::uint32_t start = range.next.fetch_add(refill_batch, acq_rel);
    if (start >= range.end) continue;
    for (std::uint32_t number = std::min(start + refill_batch, range.end); number-- > start;) {
      new (&by_number_[number]) Frame;
      if (poison_) std::ranges::fill(words(Ppn(number)), junk);
      push(list, number, Content::any);
    }
    return;
  }
}

inline Ppn Frames::hand_out(Popped popped, FrameKind kind, Content content) {
  Frame& record = by_number_[popped.number];
  const Ppn frame(popped.number);
  record.kind = kind;
  record.used = record.hot = 0;
  record.count.store(1, relaxed);
  if (poison_) [[unlikely]]
    check_poison(frame, popped.content);
  if (popped.content < content) zero_page(to_pointer(frame));
  return frame;
}

Ppn Frames::take(FrameKind kind, Content content, Reserve reserve) {
  Popped popped;
  {
    FreeList& list = here();
    const LockGuard guard(list.lock);
    popped = pop(list, content);
  }
  return popped.number != 0 ? hand_out(popped, kind, content) : take_elsewhere(kind, content, reserve);
}

// When this hart's list is empty: frames never used before, other harts' frames, the reserve last.
Ppn Frames::take_elsewhere(FrameKind kind, Content content, Reserve reserve) {
  Popped popped;
  {
    const LockGuard guard(here().lock);
    refill(here());
    popped = pop(here(), content);
  }
  const std::size_t end = reserve == Reserve::allowed ? reserve_list + 1 : reserve_list;
  for (unsigned i = 0; popped.number == 0 && i < end; ++i) {
    const LockGuard guard(lists_[i].lock);
    popped = pop(lists_[i], content);
  }
  return popped.number != 0 ? hand_out(popped, kind, content) : Ppn();
}

// Rule 12: nobody writes a free frame.
void Frames::check_poison(Ppn frame, Content found) {
  const std::uint64_t expected = found == Content::zero ? 0 : junk;
  for (const std::uint64_t word : words(frame)) {
    if (word != expected) panic("rule 12: free frame {:x} was written: {:x}", frame, word);
  }
}

void Frames::free(Ppn frame, Content content) {
  frame_freed(frame);
  if (poison_ && content == Content::any) [[unlikely]]
    std::ranges::fill(words(frame), junk);
  FreeList& reserve = lists_[reserve_list];
  FreeList& list = reserve.size.load(relaxed) < reserve_ ? reserve : here();
  LockGuard guard(list.lock);
  push(list, static_cast<std::uint32_t>(frame.value()), content);
}

std::size_t Frames::free_count() {
  std::size_t count = 0;
  for (const FreeList& list : lists_) count += list.size.load(relaxed);
  for (unsigned i = 0; i < ranges_; ++i) {
    const FreshRange& range = fresh_[i];
    count += range.end - std::min(range.next.load(relaxed), range.end);
  }
  return count;
}

void Frames::broken_count(const char* what, Ppn frame) {
  panic("rule 1: {} of frame {:x}, which has count 0 (kind {})", what, frame,
        static_cast<unsigned>(record(frame).kind));
}

}  // namespace ox
