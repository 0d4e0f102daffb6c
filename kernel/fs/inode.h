// A file in the file system: directory, regular file, symbolic link or device.
//
// Owns: its pages; a directory its entries, an entry a reference to what it names. The directory an inode stands in is
// not counted: it outlives what it names.
// Locks: a directory's entries are guarded by the file system's lock. All else is fixed once the file system is built.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "abi/file.h"
#include "fs/byte_source.h"
#include "fs/file.h"
#include "fs/file_pages.h"
#include "lib/list.h"

namespace ox {

class FileSystem;
class Inode;

// One name in a directory.
struct DirectoryEntry {
  static constexpr std::size_t max_name = 255;

  std::string_view name() const { return {characters.data(), length}; }

  ListHook<DirectoryEntry> hook;
  Ref<Inode> inode;
  std::uint8_t length = 0;
  std::array<char, max_name> characters{};
};

class Inode final : public RefCounted, public ByteSource {
 public:
  // `mode` as in struct stat; null for `parent` makes a root.
  Inode(FileSystem& file_system, std::uint32_t mode, Inode* parent);
  ~Inode();
  static void destroy(Inode* inode);

  std::uint32_t type() const { return mode_ & abi::s_ifmt; }
  bool directory() const { return type() == abi::s_ifdir; }
  bool symlink() const { return type() == abi::s_iflnk; }
  bool executable() const { return type() == abi::s_ifreg && (mode_ & 0111) != 0; }
  std::uint64_t size() const override { return size_; }
  abi::stat status() const;

  // The frame that holds page `index`, behind the file's last byte full of zeros; the file keeps its reference. No
  // frame when the file has no such page.
  Ppn page(std::uint64_t index) const { return pages_.find(index); }
  std::uint64_t read(std::uint64_t offset, std::span<std::byte> to) const override;
  // A symbolic link's.
  std::string_view target() const;

  // For the file system while it builds: appends.
  Result<> append(std::span<const std::byte> bytes);

 private:
  friend class FileSystem;

  std::span<const std::byte> piece(std::uint64_t offset) const;

  FileSystem& file_system_;
  std::uint32_t mode_;
  std::uint64_t size_ = 0;
  FilePages pages_;
  Inode* parent_;                                        // the directory it stands in; the root in itself
  List<DirectoryEntry, &DirectoryEntry::hook> entries_;  // the file system's lock
  Ref<File> device_;                                     // what opening a device gives
};

}  // namespace ox
