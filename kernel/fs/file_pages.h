// The pages of one file in memory: counted frames like any other, found through a tree of index frames that is as high
// as the file is long.
//
//     height 0: the page itself | 1: index frame [512] -> pages | 2: index -> index frames -> pages | 3: the highest
//
// A page that was never written is a hole and reads as the one zero frame.
//
// Owns: one reference to each page and to each index frame. Whoever maps a page takes a reference of its own (rule 14).
// Locks: the inode's, held by whoever calls.
// Fails: Errno::enospc when files have all that they may have, enomem; what was there is unchanged then. Errno::efbig
// beyond 512 GiB.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "lib/result.h"
#include "vm/frame.h"
#include "vm/memory.h"

namespace ox {

// The frames that files have, all together, and how many they may have.
struct FileRoom {
  Atomic<std::uint64_t> used{0};
  std::uint64_t most = ~std::uint64_t{0};

  std::uint64_t left() const { return most - std::min(most, used.load(relaxed)); }
};

class FilePages {
 public:
  static constexpr unsigned max_height = 3;
  static constexpr std::uint64_t max_pages = std::uint64_t{1} << 9 * max_height;

  // `room` is where the frames are counted; null: nowhere.
  explicit FilePages(Memory& memory, FileRoom* room = nullptr) : memory_(memory), room_(room) {}
  FilePages(const FilePages&) = delete;
  FilePages& operator=(const FilePages&) = delete;
  // With nothing locked: it lets interrupts in.
  ~FilePages() { cut(root_, height_, 0, true); }

  // Page `index`, or the zero frame: to be read.
  Ppn find(std::uint64_t index) const;
  // The first page from `index` on that is no hole; max_pages: there is none.
  std::uint64_t next(std::uint64_t index) const;
  Ppn hole() const { return memory_.zero.ppn(); }
  // One more reference to it, for who maps it.
  FrameRef share(std::uint64_t index) const {
    const Ppn frame = find(index);
    memory_.frames.share(frame);
    return {memory_.frames, frame};
  }
  // A copy of it, which is nobody's.
  Result<FrameRef> copy(std::uint64_t index) const;
  // Page `index`, to be written: a hole is filled, and a page that somebody else has a reference to is copied first, so
  // that who mapped it keeps what it saw; not so if the mappings are shared and shall see what is written (rule 14).
  Result<Ppn> make(std::uint64_t index, bool shared);
  // Another one, empty, of the same room.
  FilePages none() const { return FilePages(memory_, room_); }
  // Lets go of the pages from `first` on.
  void cut(std::uint64_t first) { cut(root_, height_, first, false); }
  // The other's pages, and the other has these.
  void swap(FilePages& other) noexcept {
    std::swap(root_, other.root_);
    std::swap(height_, other.height_);
    std::swap(count_, other.count_);
  }

  std::uint64_t count() const { return count_; }

 private:
  using Index = std::array<Ppn, 512>;
  static_assert(sizeof(Index) == page_size);

  // Where the frame of the level below stands for page `index`.
  static Ppn& slot(Ppn frame, unsigned level, std::uint64_t index) { return at(frame)[index >> 9 * (level - 1) & 511]; }
  static Index& at(Ppn frame) { return *reinterpret_cast<Index*>(to_pointer(frame)); }
  Result<Ppn> new_frame(FrameKind kind, Content content);
  Result<Ppn> new_page(Content content);
  void drop_frame(Ppn frame);
  Result<> grow(std::uint64_t index);
  void cut(Ppn& frame, unsigned level, std::uint64_t first, bool windows);
  void drop_page(Ppn frame);

  Memory& memory_;
  FileRoom* const room_;
  Ppn root_;
  unsigned height_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace ox
