#include "vm/frame.h"

#include <algorithm>
#include <new>

namespace ox {

namespace {

constexpr std::uint32_t refill_batch = 64;
constexpr std::uint64_t junk = 0x5a5a'5a5a'5a5a'5a5a;
constexpr Content other(Content content) { return content == Content::any ? Content::zero : Content::any; }

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

// Takes a frame of that content off the list; 0: there is none.
std::uint32_t Frames::pop(FreeList& list, Content content) {
  std::uint32_t& head = list.head[static_cast<unsigned>(content)];
  const std::uint32_t number = head;
  if (number != 0) {
    head = by_number_[number].next_free;
    list.size.store(list.size.load(relaxed) - 1, relaxed);
  }
  return number;
}

void Frames::push(FreeList& list, Chain chain, Content content) {
  std::uint32_t& head = list.head[static_cast<unsigned>(content)];
  by_number_[chain.last].next_free = head & 0xfff'ffff;
  head = chain.first;
  list.size.store(list.size.load(relaxed) + chain.count, relaxed);
}

// Moves a batch of frames that were never used to `list`, if there are any. The list's lock is held all the while, so a
// hart that finds no fresh frames and looks into this list next waits for the batch.
void Frames::refill(FreeList& list) {
  for (FreshRange& range : fresh_) {
    if (range.next.load(relaxed) >= range.end) continue;
    const std::uint32_t start = range.next.fetch_add(refill_batch, relaxed);
    if (start >= range.end) continue;
    Chain batch;
    for (std::uint32_t number = std::min(start + refill_batch, range.end); number-- > start;) {
      new (&by_number_[number]) Frame;
      link(batch, Ppn(number), Content::any);
    }
    push(list, batch, Content::any);
    return;
  }
}

Ppn Frames::hand_out(std::uint32_t number, FrameKind kind, Content found, Content wanted) {
  const Ppn frame(number);
  Frame& record = by_number_[number];
  record.kind = kind;
  record.used_groups = record.writable_groups = 0;
  record.count.store(1, relaxed);
  if (poison_) check_unwritten(frame, found);
  if (wanted == Content::zero && found != Content::zero) zero_page(to_pointer(frame));
  return frame;
}

// From this hart's list, then from other harts' lists; from the reserve last.
Ppn Frames::take(FrameKind kind, Content content) {
  Ppn frame = take_from(here(), kind, content);
  const unsigned lists = may_use_reserve() ? max_harts + 1 : max_harts;
  for (unsigned i = 0; frame == Ppn() && i < lists; ++i) frame = take_from(lists_[i], kind, content);
  return frame;
}

Ppn Frames::take_from(FreeList& list, FrameKind kind, Content content) {
  const LockGuard guard(list.lock);
  if (list.size.load(relaxed) == 0) refill(list);
  const Content found = list.head[static_cast<unsigned>(content)] != 0 ? content : other(content);
  const std::uint32_t number = pop(list, found);
  return number != 0 ? hand_out(number, kind, found, content) : Ppn();
}

void Frames::fill_with_junk(Ppn frame) { std::ranges::fill(words(frame), junk); }

// Rule 12: nobody has written to the free frame.
void Frames::check_unwritten(Ppn frame, Content content) {
  const std::uint64_t expected = content == Content::zero ? 0 : junk;
  for (const std::uint64_t word : words(frame)) {
    if (word != expected) panic_rule(12, "free frame {:x} was written: {:x}", frame, word);
  }
}

void Frames::free(Chain chain, Content content) {
  if (chain.count == 0) return;
  FreeList& reserve = lists_[reserve_list];
  while (reserve.size.load(relaxed) < reserve_) {
    const std::uint32_t first = chain.first;
    chain.first = by_number_[first].next_free;
    const LockGuard guard(reserve.lock);
    push(reserve, {.first = first, .last = first, .count = 1}, content);
    if (--chain.count == 0) return;
  }
  FreeList& list = here();
  const LockGuard guard(list.lock);
  push(list, chain, content);
}

std::size_t Frames::free_count() {
  std::size_t count = 0;
  for (const FreeList& list : lists_) count += list.size.load(relaxed);
  for (const FreshRange& range : fresh_) count += range.end - std::min(range.next.load(relaxed), range.end);
  return count;
}

void Frames::broken_count(const char* what, Ppn frame) {
  panic_rule(1, "{} of frame {:x}, which has count 0 (kind {})", what, frame, record(frame).kind_name());
}

}  // namespace ox
