// A directory of the in-memory file system.
//
// Owns: its entries, an entry a reference to what it names; the directory it stands in is not counted, since that lasts
// as long as the entry does. So a directory that was removed has no parent.
// Lock: the file system's guards all of it; whoever calls what REQUIRES it checks that the names are free or there.
#pragma once

#include <array>

#include "fs/memory_inode.h"
#include "lib/list.h"

namespace ox {

// One name in a directory.
struct DirectoryEntry {
  static constexpr std::size_t max_name = 255;

  std::string_view name() const { return {characters.data(), length}; }
  void set_name(std::string_view name);

  ListHook<DirectoryEntry> hook;
  Ref<Inode> inode;
  Directory* directory = nullptr;
  std::uint64_t number = 0;  // entries are listed in this order
  std::uint8_t length = 0;
  std::array<char, max_name> characters;
};

class Directory final : public MemoryInode {
 public:
  using MemoryInode::MemoryInode;

  Result<Ref<Inode>> find(std::string_view name) override;
  Result<> list(std::uint64_t& cursor, DirectoryWriter& to) override;
  Directory* directory() override { return this; }

 private:
  friend class FileSystem;

  // --- with the file system's lock held
  DirectoryEntry* entry(std::string_view name) const;
  bool empty() const { return entries_.empty(); }
  void add(DirectoryEntry& entry);
  // The entry is the caller's then.
  void remove(DirectoryEntry& entry);

  static constexpr std::uint64_t first_number = 2;  // 0 and 1 are "." and ".."

  List<DirectoryEntry, &DirectoryEntry::hook> entries_;
  std::uint64_t next_number_ = first_number;
  bool removed_ = false;
};

}  // namespace ox
