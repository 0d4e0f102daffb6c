// An opened regular file or directory: an inode and an offset.
//
// Owns: a reference to the inode. Lock: guards the offset, which processes share after fork; two that read at once get
// different bytes, in pieces of at most a page.
#pragma once

#include "fs/inode.h"
#include "sync/spinlock.h"
#include "vm/slab.h"

namespace ox {

class OpenFile final : public File {
 public:
  OpenFile(Slab<OpenFile>& slab, Ref<Inode> inode) : slab_(slab), inode_(std::move(inode)) {}

  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size) override;
  Result<std::uint64_t> seek(std::int64_t offset, abi::Whence whence) override;
  abi::stat status() const override { return inode_->status(); }
  Inode* inode() const override { return inode_.get(); }

 private:
  void close() override { slab_.destroy(this); }

  Slab<OpenFile>& slab_;
  Ref<Inode> inode_;
  SpinLock lock_{LockRank::object};
  std::uint64_t offset_ GUARDED_BY(lock_) = 0;
};

}  // namespace ox
