// Inodes of the in-memory file system: what all kinds have, and the small kinds. Directories and regular files stand in
// files of their own.
//
// Locks: `lock_` guards what stat shows, and a regular file's contents. The file system's lock, which is taken before
// it, guards directories' entries and which of them names an inode.
#pragma once

#include "arch/panic.h"
#include "fs/inode.h"
#include "sync/spinlock.h"

namespace ox {

struct DirectoryEntry;

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

  FileSystem& file_system_;
  mutable SpinLock lock_{LockRank::object};
  abi::stat status_ GUARDED_BY(lock_);

 private:
  friend class FileSystem;
  friend class Directory;

  void add_links(int number);

  DirectoryEntry* entry_ = nullptr;  // that names it, the newest if there are several; the file system's lock
};

class Symlink final : public MemoryInode {
 public:
  Symlink(FileSystem& file_system, FrameRef text, std::size_t size);
  Result<std::string_view> target(std::span<char> room) override;

 private:
  FrameRef text_;
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
