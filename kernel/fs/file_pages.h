// The pages of one file in memory: counted frames like any others, in a tree of index frames. The longer the file, the
// higher the tree.
//
//     height 0: the page itself | 1: index frame [512] -> pages | 2: index -> index frames -> pages | 3: the highest
//
// A page that was never written is a hole and reads as the zero frame.
//
// Owns: one reference to each page and to each index frame. A mapping of a page takes a reference of its own (rule 14).
// Locks: the inode's lock, which the caller holds.
// Fails: Errno::enospc when all files together have reached their limit, Errno::enomem, Errno::efbig beyond 512 GiB.
// The contents are unchanged then.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "lib/result.h"
#include "vm/frame.h"
#include "vm/memory.h"

namespace ox {

// The number of frames that all files have together, and its limit.
struct FileRoom {
  Atomic<std::uint64_t> used{0};
  std::uint64_t most = ~std::uint64_t{0};

  std::uint64_t left() const { return most - std::min(most, used.load(relaxed)); }
};

class FilePages {
 public:
  static constexpr unsigned max_height = 3;
  static constexpr std::uint64_t max_pages = std::uint64_t{1} << 9 * max_height;

  // `room` counts the frames; null: nothing counts them.
  explicit FilePages(Memory& memory, FileRoom* room = nullptr) : memory_(memory), room_(room) {}
  FilePages(const FilePages&) = delete;
  FilePages& operator=(const FilePages&) = delete;
  // Opens interrupt windows, so the caller must hold no lock.
  ~FilePages() { cut(root_, height_, 0, true); }

  // The frame of page `index`, for reading; of a hole, the zero frame.
  Ppn find(std::uint64_t index) const;
  // The index of the first page from `index` on that is not a hole; max_pages: there is none.
  std::uint64_t next(std::uint64_t index) const;
  Ppn hole() const { return memory_.zero.ppn(); }
  // A new reference to page `index`, for a mapping.
  FrameRef share(std::uint64_t index) const {
    const Ppn frame = find(index);
    memory_.frames.share(frame);
    return {memory_.frames, frame};
  }
  // A copy of page `index` that does not belong to the file.
  Result<FrameRef> copy(std::uint64_t index) const;
  // The frame of page `index`, for writing. Fills a hole with a page of zeros. If another holder has a reference to the
  // page, the file gets a copy first, so that private mappings keep the old contents (rule 14). With `shared` it is not
  // copied, because shared mappings must see the write.
  Result<Ppn> make(std::uint64_t index, bool shared);
  // An empty object that counts its frames in the same room.
  FilePages none() const { return FilePages(memory_, room_); }
  // Drops the pages from `first` on.
  void cut(std::uint64_t first) { cut(root_, height_, first, false); }
  // Exchanges the pages of the two.
  void swap(FilePages& other) noexcept {
    std::swap(root_, other.root_);
    std::swap(height_, other.height_);
    std::swap(count_, other.count_);
  }

  std::uint64_t count() const { return count_; }

 private:
  using Index = std::array<Ppn, 512>;
  static_assert(sizeof(Index) == page_size);

  // The slot in index frame `frame` on the way to page `index`.
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
