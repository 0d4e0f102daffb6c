// Physical frames: each has one record with one reference count, whatever the frame holds.
//
// Owns: all RAM given to it. A frame is free if and only if its count is 0 (rule 1).
// Locks: each list of free frames has its own. Counts need none (rule 8). An increment is relaxed: its caller holds a
// reference already. A decrement is acquire-release: the holder that drops the last reference sees all that former
// holders did to the frame.
// Fails: take() and alloc(), when no list has a frame. A broken count panics (rule 1).
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "arch/hart.h"
#include "lib/result.h"
#include "sync/spinlock.h"
#include "vm/page_table.h"
#include "vm/rules.h"

namespace ox {

enum class FrameKind : std::uint32_t {
  free,
  page,    // a user's
  cached,  // a user's too, on which the kernel holds one handle: a file's page (Linux: page cache), the zero frame
  table,
  kernel,  // objects, stacks, lists of regions: never in a user's leaf
};
inline constexpr std::array<std::string_view, 5> frame_kind_names{"free", "page", "cached", "table", "kernel"};

// What is known of a frame's bytes. A caller that overwrites the whole page asks for `any`.
enum class Content : std::uint8_t { any, zero };

// The groups belong to page tables (rule 5): `used_groups` covers every counted entry, `writable_groups` every entry
// that may lead to a W. Only the table's owner writes them.
struct Frame {
  Atomic<std::uint32_t> count{0};
  std::uint32_t used_groups = 0;
  std::uint32_t writable_groups = 0;
  FrameKind kind : 4 = FrameKind::free;
  std::uint32_t next_free : 28 = 0;  // on a list of free frames: the next one's page number, 0 for none

  // Whether there are other references than the caller's. After false, the caller sees all that former holders wrote.
  bool is_shared() const { return count.load(acquire) != 1; }
  std::string_view kind_name() const { return frame_kind_names[static_cast<unsigned>(kind)]; }
};
static_assert(sizeof(Frame) == 16, "the records are 0.4 % of RAM");

class Frames {
 public:
  // `records` covers all frames from `first` on and outlives this. No frame is free until add_range().
  void start(std::span<Frame> records, Ppn first);
  // Gives [first, end) to the pool; a record is set up when its frame is first handed out. At most four ranges.
  void add_range(Ppn first, Ppn end);
  // Takes `frames` out of the pool for harts that may use the reserve (arch/hart.h). free() refills the reserve first.
  void set_reserve(std::uint32_t frames);
  // Debug: freed frames are filled with junk, which is checked when they are handed out again (rule 12).
  void set_poison(bool on) { poison_ = on; }

  // A frame with count 1. None, or Errno::enomem: there is no memory.
  Ppn take(FrameKind kind, Content content);
  Result<Ppn> alloc(FrameKind kind, Content content) { return or_enomem(take(kind, content)); }
  static Result<Ppn> or_enomem(Ppn frame) { return frame != Ppn() ? Result<Ppn>(frame) : Errno::enomem; }
  // Frames on their way back to the pool, after the last drop() of each: linked without a lock, given back by one.
  // Content::zero promises that all their bytes are 0.
  struct Chain {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::uint32_t count = 0;
  };
  void link(Chain& chain, Ppn frame, Content content) {
    frame_freed(frame);
    if (poison_ && content == Content::any) fill_with_junk(frame);
    Frame& freed = record(frame);
    freed.kind = FrameKind::free;
    freed.next_free = chain.first & 0xfff'ffff;
    chain.first = static_cast<std::uint32_t>(frame.value());
    if (chain.count++ == 0) chain.last = chain.first;
  }
  void free(Chain chain, Content content);
  void free(Ppn frame, Content content) {
    Chain chain;
    link(chain, frame, content);
    free(chain, content);
  }

  // One more reference to a frame that has one.
  void share(Ppn frame) {
    if (record(frame).count.fetch_add(1, relaxed) == 0) broken_count("share", frame);
  }
  // One reference less. True: it was the last, and the caller empties the frame and calls free().
  [[nodiscard]] bool drop(Ppn frame) {
    const std::uint32_t before = record(frame).count.fetch_sub(1, acq_rel);
    if (before == 0) broken_count("drop", frame);
    return before == 1;
  }
  bool is_shared(Ppn frame) const { return record(frame).is_shared(); }

  // `frame` must have a record; contains() tells.
  Frame& record(Ppn frame) const { return by_number_[frame.value()]; }
  bool contains(Ppn frame) const { return frame >= first_ && frame < first_ + record_count_; }
  // The number is exact only while nobody allocates or frees.
  std::size_t free_count();
  std::size_t total() const { return total_; }
  Ppn first() const { return first_; }
  Ppn end() const { return first_ + record_count_; }
  // Calls f(ppn, record) for every frame that was ever handed out.
  template <class F>
  void for_each_known(F f) {
    for (const FreshRange& range : fresh_) {
      const std::uint32_t end = std::min(range.next.load(relaxed), range.end);
      for (std::uint32_t number = range.start; number < end; ++number) f(Ppn(number), by_number_[number]);
    }
  }

 private:
  struct alignas(64) FreeList {
    SpinLock lock{LockRank::frames};
    std::uint32_t head[2] GUARDED_BY(lock) = {};  // by Content
    Atomic<std::uint32_t> size{0};
  };
  // Frames that were never handed out, as page numbers; at first none. A hart takes a batch by one atomic addition.
  struct FreshRange {
    std::uint32_t start = 0;
    Atomic<std::uint32_t> next{0};
    std::uint32_t end = 0;
  };

  FreeList& here() { return lists_[hart_index()]; }
  Ppn take_from(FreeList& list, FrameKind kind, Content content);
  std::uint32_t pop(FreeList& list, Content content) REQUIRES(list.lock);
  void push(FreeList& list, Chain chain, Content content) REQUIRES(list.lock);
  void refill(FreeList& list) REQUIRES(list.lock);
  Ppn hand_out(std::uint32_t number, FrameKind kind, Content found, Content wanted);
  static void fill_with_junk(Ppn frame);
  static void check_unwritten(Ppn frame, Content content);
  [[noreturn]] void broken_count(const char* what, Ppn frame);

  static constexpr unsigned reserve_list = max_harts;

  Frame* by_number_ = nullptr;  // where frame 0's record would be
  std::size_t record_count_ = 0;
  Ppn first_;
  std::size_t total_ = 0;
  std::uint32_t reserve_ = 0;
  bool poison_ = false;
  unsigned ranges_ = 0;
  std::array<FreshRange, 4> fresh_;
  FreeList lists_[max_harts + 1];  // one a hart, and the reserve; no std::array: its bounds checks
};

// A reference to a frame, as the kernel itself holds it: file frames, the zero frame, stacks. Move-only; dropping the
// last one frees the frame.
class FrameRef {
 public:
  FrameRef() = default;
  // Takes over a reference that the caller holds.
  FrameRef(Frames& frames, Ppn frame) : frames_(&frames), frame_(frame) {}
  static Result<FrameRef> make(Frames& frames, FrameKind kind, Content content = Content::any) {
    return FrameRef(frames, TRY(frames.alloc(kind, content)));
  }
  FrameRef(FrameRef&& other) noexcept : frames_(other.frames_), frame_(other.release()) {}
  FrameRef& operator=(FrameRef&& other) noexcept {
    std::swap(frames_, other.frames_);
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~FrameRef() {
    drop([] {});
  }
  // Drops the reference now; calls f() before the frame is freed, if it is.
  template <class F>
  void drop(F f) {
    const Ppn frame = release();
    if (frame == Ppn() || !frames_->drop(frame)) return;
    f();
    frames_->free(frame, Content::any);
  }

  explicit operator bool() const { return frame_ != Ppn(); }
  Ppn ppn() const { return frame_; }
  std::byte* bytes() const { return to_pointer(frame_); }
  // One more reference to the same frame.
  FrameRef share() const {
    frames_->share(frame_);
    return {*frames_, frame_};
  }
  // Gives the reference to the caller.
  Ppn release() { return std::exchange(frame_, Ppn()); }

 private:
  Frames* frames_ = nullptr;
  Ppn frame_;
};

}  // namespace ox
