// What open() gives: an inode and a position in it (OpenFile), or a device that was reached by a path (OpenDevice).
#pragma once

#include "fs/inode.h"
#include "sched/mutex.h"
#include "vm/slab.h"

namespace ox {

// The flags that stay with an open file; the others are for open() itself.
inline constexpr std::uint32_t kept_open_flags = abi::o_accmode | abi::o_append | abi::o_nonblock;

// Owns: a reference to the inode. Lock: the mutex guards the position, which processes share after fork; who reads or
// writes at it has it to himself until he is done, as POSIX demands.
class OpenFile final : public File {
 public:
  OpenFile(Slab<OpenFile>& slab, Ref<Inode> inode, std::uint32_t flags)
      : File(flags & kept_open_flags), slab_(slab), inode_(std::move(inode)) {}

  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size) override;
  Result<std::uint64_t> write(AddressSpace& space, VirtAddr from, std::uint64_t size) override;
  Result<std::uint64_t> pread(AddressSpace& space, VirtAddr to, std::uint64_t size, std::uint64_t offset) override;
  Result<std::uint64_t> pwrite(AddressSpace& space, VirtAddr from, std::uint64_t size, std::uint64_t offset) override;
  Result<std::uint64_t> seek(std::int64_t offset, abi::Whence whence) override;
  Result<> list(DirectoryWriter& to) override;
  abi::stat status() const override { return inode_->status(); }
  Inode* inode() const override { return inode_.get(); }

 private:
  void close() override { slab_.destroy(this); }

  Slab<OpenFile>& slab_;
  Ref<Inode> inode_;
  Mutex mutex_;
  std::uint64_t position_ = 0;
};

// Owns: references to the inode and to the device. O_NONBLOCK is kept here, for the device is everybody's.
class OpenDevice final : public File {
 public:
  OpenDevice(Slab<OpenDevice>& slab, Ref<Inode> inode, Ref<File> device, std::uint32_t flags)
      : File(flags & kept_open_flags), slab_(slab), inode_(std::move(inode)), device_(std::move(device)) {}

  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size) override;
  Result<std::uint64_t> write(AddressSpace& space, VirtAddr from, std::uint64_t size) override;
  Result<std::uint64_t> seek(std::int64_t offset, abi::Whence whence) override { return device_->seek(offset, whence); }
  Result<> ioctl(AddressSpace& space, std::uint64_t request, VirtAddr argument) override {
    return device_->ioctl(space, request, argument);
  }
  std::uint32_t poll() override { return device_->poll(); }
  abi::stat status() const override { return inode_->status(); }
  Inode* inode() const override { return inode_.get(); }

 private:
  void close() override { slab_.destroy(this); }

  Slab<OpenDevice>& slab_;
  Ref<Inode> inode_;
  Ref<File> device_;
};

}  // namespace ox
