// The pages of one file in memory: counted frames like any other, found through a tree of two levels of index frames.
//
//     root frame [512] -> index frames [512] -> pages          512 * 512 pages: 1 GiB
//
// Owns: one reference to each page and to each index frame. Whoever maps a page takes a reference of its own (rule 14).
// Locks: none: files are filled while the file system is built, at boot, by one hart; from then on they only are read.
// Fails: Errno::enomem, with what was there unchanged; Errno::efbig beyond 1 GiB.
#pragma once

#include <array>
#include <cstdint>

#include "lib/result.h"
#include "vm/frame.h"

namespace ox {

class FilePages {
 public:
  static constexpr std::uint64_t max_pages = std::uint64_t{512} * 512;

  explicit FilePages(Frames& frames) : frames_(frames) {}
  FilePages(const FilePages&) = delete;
  FilePages& operator=(const FilePages&) = delete;
  ~FilePages() { drop(root_, top_level); }

  // Page `index`, or no frame.
  Ppn find(std::uint64_t index) const;
  // Page `index`; a new one is full of zeros.
  Result<Ppn> make(std::uint64_t index);

 private:
  using Index = std::array<Ppn, 512>;
  static_assert(sizeof(Index) == page_size);
  static constexpr unsigned top_level = 2;  // pages are level 0

  // Where the frame of the level below stands for page `index`.
  static Ppn& slot(Ppn frame, unsigned level, std::uint64_t index) { return at(frame)[index >> 9 * (level - 1) & 511]; }
  static Index& at(Ppn frame) { return *reinterpret_cast<Index*>(to_pointer(frame)); }
  void drop(Ppn frame, unsigned level);

  Frames& frames_;
  Ppn root_;
};

}  // namespace ox
