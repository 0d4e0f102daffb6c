// Inodes of the in-memory file system: what all kinds have, directories, and devices. Regular files, which symbolic
// links are too, and pipes stand in files of their own.
//
// A directory owns its entries, an entry a reference to what it names; the directory it stands in is not counted, since
// that lasts as long as the entry does. A directory that was removed has no entry, but a reference to where it stood.
// Locks: `lock_` guards what stat shows, and a regular file's contents. The file system's lock, which is taken before
// it, guards directories' entries and which of them names an inode.
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
  std::uint64_t number = 0;  // entries are listed in this order
  std::uint8_t length = 0;
  std::array<char, max_name> characters;
};

class MemoryInode : public Inode {
 public:
  // `mode` as in struct stat.
  MemoryInode(FileSystem& file_system, std::uint32_t mode);

  abi::stat status() const override;
  Result<Ref<Inode>> parent() override;
  Result<std::string_view> name(std::span<char> room) override;
  Result<> change(const AttributeChange& change) override;
  MemoryInode* in_memory() override { return this; }

 protected:
  // The contents have changed just now.
  void touch() REQUIRES(lock_);
  void add_links(int number);

  FileSystem& file_system_;
  mutable SpinLock lock_{LockRank::object};
  abi::stat status_ GUARDED_BY(lock_);

 private:
  friend class FileSystem;

  DirectoryEntry* entry_ = nullptr;  // that names it, the newest if there are several; the file system's lock
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

  // --- with the file system's lock held; whoever calls checks that the names are free or there
  DirectoryEntry* entry(std::string_view name) const;
  bool empty() const { return entries_.empty(); }
  bool removed() const { return status().st_nlink == 0; }  // Linux: IS_DEADDIR
  void add(DirectoryEntry& entry);
  // The entry is the caller's then.
  void remove(DirectoryEntry& entry);
  void changed();

  List<DirectoryEntry, &DirectoryEntry::hook> entries_;
  std::uint64_t next_number_ = first_entry;
  Ref<Directory> above_;  // of one that was removed: where it stood
};

// A device: made with the kernel, which keeps one reference to it.
class Device : public MemoryInode {
 protected:
  Device(FileSystem& file_system, std::uint32_t permissions, std::uint64_t number)
      : MemoryInode(file_system, abi::s_ifchr | permissions) {
    status_.st_rdev = number;
  }
  ~Device() override { panic("a device's last reference was dropped"); }
};

}  // namespace ox
