// Reader of newc cpio archives (Linux: Documentation/driver-api/early-userspace/buffer-format.rst).
//
//     header: "070701", 13 numbers of 8 hexadecimal digits | name, 0, padding to 4 | data, padding to 4 | ... |
//     TRAILER!!!
//
// Pure: looks at the archive's bytes in place and trusts none of them; needs no memory, knows no kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lib/result.h"

namespace ox {

// Name and data lie in the archive.
struct CpioEntry {
  std::string_view name;
  std::uint32_t mode = 0;  // type and permissions, as in struct stat
  std::uint32_t inode = 0;
  std::uint64_t device = 0;         // of the inode: inodes of several may be in an archive
  std::uint64_t archive = 0;        // where its archive begins, if there are several, one behind the other
  std::uint32_t links = 0;          // names of this inode in the archive; the data stands with the last one
  std::span<const std::byte> data;  // a file's contents, a symbolic link's target

  // Both are names of one file.
  bool is_same(const CpioEntry& other) const {
    return inode == other.inode && device == other.device && archive == other.archive && mode == other.mode &&
           links > 1 && other.links > 1;
  }
};

class CpioReader {
 public:
  explicit CpioReader(std::span<const std::byte> archive) : archive_(archive) {}

  // The next entry; nothing behind the last one. A refusal is of the entry at offset(); after it there is nothing more
  // to ask.
  Result<std::optional<CpioEntry>, Refusal> next();
  std::uint64_t offset() const { return offset_; }

 private:
  Result<CpioEntry, Refusal> read_entry();
  std::uint64_t left() const { return archive_.size() - offset_; }

  std::span<const std::byte> archive_;
  std::uint64_t offset_ = 0;  // of the next entry
  std::uint64_t start_ = 0;   // of its archive
};

}  // namespace ox
