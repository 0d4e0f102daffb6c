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

#include "lib/address.h"
#include "lib/result.h"
#include "vm/frame.h"

namespace ox {

class FilePages {
 public:
  static constexpr std::uint64_t max_pages = std::uint64_t{512} * 512;

  explicit FilePages(Frames& frames) : frames_(frames) {}
  FilePages(const FilePages&) = delete;
  FilePages& operator=(const FilePages&) = delete;
  ~FilePages();

  // Page `index`, or no frame.
  Ppn find(std::uint64_t index) const;
  // Page `index`; a new one is full of zeros.
  Result<Ppn> make(std::uint64_t index);
  // Calls f(ppn) for every page.
  template <class F>
  void for_each(F f) const;

 private:
  static constexpr std::uint64_t slots = 512;
  using Index = std::array<Ppn, slots>;
  static_assert(sizeof(Index) == page_size);

  static Index& index_at(Ppn frame) { return *reinterpret_cast<Index*>(to_pointer(frame)); }
  static Result<Ppn> fill(Frames& frames, Ppn& slot, FrameKind kind);

  Frames& frames_;
  Ppn root_;
};

template <class F>
void FilePages::for_each(F f) const {
  if (root_ == Ppn()) return;
  for (const Ppn lower : index_at(root_)) {
    if (lower == Ppn()) continue;
    for (const Ppn page : index_at(lower)) {
      if (page != Ppn()) f(page);
    }
  }
}

}  // namespace ox
