// A reader of newc cpio archives (Linux: Documentation/driver-api/early-userspace/buffer-format.rst).
//
//     header: "070701", 13 numbers of 8 hexadecimal digits | name, 0, padding to 4 | data, padding to 4 | ... |
//     TRAILER!!!
//
// It reads the archive's bytes in place, trusts none of them, and allocates no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lib/result.h"

namespace ox {

// One entry. `name` and `data` point into the archive.
struct CpioEntry {
  std::string_view name;
  std::uint32_t mode = 0;  // type and permissions, as in struct stat
  std::uint32_t inode = 0;
  std::uint64_t device = 0;         // of the inode: an archive may have inodes of several devices
  std::uint64_t archive = 0;        // the offset of its archive, because several may follow one another
  std::uint32_t links = 0;          // names of this inode in the archive; the last of them has the data
  std::span<const std::byte> data;  // a file's contents, a symbolic link's target

  // Whether both entries are names of one file.
  bool is_same(const CpioEntry& other) const {
    return inode == other.inode && device == other.device && archive == other.archive && mode == other.mode &&
           links > 1 && other.links > 1;
  }
};

// The error of a bad archive. `reason` is a sentence that says what is wrong with it and what to do about it.
struct BadArchive {
  const char* reason;
};

class CpioReader {
 public:
  explicit CpioReader(std::span<const std::byte> archive) : archive_(archive) {}

  // Returns the next entry, or none after the last. BadArchive concerns the entry at offset(); do not call next()
  // after it.
  Result<std::optional<CpioEntry>, BadArchive> next();
  std::uint64_t offset() const { return offset_; }

 private:
  Result<CpioEntry, BadArchive> read_entry();
  std::uint64_t left() const { return archive_.size() - offset_; }

  std::span<const std::byte> archive_;
  std::uint64_t offset_ = 0;  // of the next entry
  std::uint64_t start_ = 0;   // of the current archive
};

}  // namespace ox
