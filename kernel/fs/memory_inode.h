// Inodes of the in-memory file system: the common base class, directories and devices. Regular files and symbolic links
// are in regular_file.h, pipes in pipe.h.
//
// Owns: a directory owns its entries, and an entry a reference to its inode. An entry has no reference to its
// directory, which lives at least as long. A removed directory has no entry, but a reference to its former parent.
// Locks: `lock_` guards the attributes that stat(2) shows, and a regular file's contents. The file system's lock, which
// comes first in the lock order, guards the directories' entries and MemoryInode::entry_.
#pragma once

#include <array>

#include "arch/panic.h"
#include "fs/inode.h"
#include "lib/list.h"
#include "sync/spinlock.h"

namespace ox {

// One name in a directory.
struct DirectoryEntry {
  static constexpr std::size_t max_name = 255;

  std::string_view name() const { return {characters.data(), length}; }
  void set_name(std::string_view name);

  ListHook<DirectoryEntry> hook;
  Ref<Inode> inode;
  Directory* directory = nullptr;
  DirectoryEntry* next_in_table = nullptr;  // fs/name_table.h
  std::uint64_t number = 0;                 // entries are listed in this order
  std::uint8_t length = 0;
  std::array<char, max_name> characters;
};

class MemoryInode : public Inode {
 public:
  // `mode`: type and permissions, as in struct stat.
  MemoryInode(FileSystem& file_system, std::uint32_t mode);

  abi::stat status() const override;
  Result<Ref<Inode>> parent() override;
  Result<std::string_view> name(std::span<char> room) override;
  Result<> change(const AttributeChange& change) override;
  MemoryInode* in_memory() override { return this; }

 protected:
  // Sets the times of a change of the contents.
  void touch() REQUIRES(lock_);
  void add_links(int number);

  FileSystem& file_system_;
  mutable SpinLock lock_{LockRank::object};
  abi::stat status_ GUARDED_BY(lock_);

 private:
  friend class FileSystem;

  DirectoryEntry* entry_ = nullptr;  // the newest entry that names it; guarded by the file system's lock
};

class Directory final : public MemoryInode {
 public:
  using MemoryInode::MemoryInode;

  Result<Ref<Inode>> find(std::string_view name) override;
  Result<> list(std::uint64_t& cursor, DirectoryWriter& to) override;
  Result<Ref<Inode>> parent() override;
  Directory* directory() override { return this; }
  void dispose() override;

 private:
  friend class FileSystem;

  // --- called with the file system's lock held; the caller checks that a name is free, or exists
  DirectoryEntry* entry(std::string_view name) const;
  bool empty() const { return entries_.empty(); }
  bool removed() const { return status().st_nlink == 0; }  // Linux: IS_DEADDIR
  void add(DirectoryEntry& entry);
  // The caller then owns the entry.
  void remove(DirectoryEntry& entry);
  // Gives an entry of this directory another name.
  void rename(DirectoryEntry& entry, std::string_view name);
  void changed();

  List<DirectoryEntry, &DirectoryEntry::hook> entries_;
  std::uint64_t next_number_ = first_entry;
  Ref<Directory> above_;  // of a removed directory: its former parent
};

// A device. The kernel makes it at boot and keeps one reference to it for ever.
class Device : public MemoryInode {
 protected:
  Device(FileSystem& file_system, std::uint32_t permissions, std::uint64_t number)
      : MemoryInode(file_system, abi::s_ifchr | permissions) {
    status_.st_rdev = number;
  }
  ~Device() override { panic("a device's last reference was dropped"); }
};

}  // namespace ox
