// A regular file of the in-memory file system: bytes in frames, which exec and mmap share with it. A symbolic link is a
// regular file too, whose bytes are its target. It is never opened, so the target never changes.
//
// Locks: lock_ (memory_inode.h) guards the pages and the size. Bytes move between the file and user memory in pieces of
// up to 64 KiB. Each piece moves under the lock; the page faults that it needs happen before, without the lock. The
// mutex `changes_` keeps other writes and truncations out between the pieces of one write (Linux: i_rwsem).
// Fails: Errno::enospc, Errno::enomem and Errno::efbig (file_pages.h), Errno::efault. Making a file shorter needs no
// memory.
#pragma once

#include "fs/byte_source.h"
#include "fs/file_pages.h"
#include "fs/memory_inode.h"
#include "sched/wait_queue.h"

namespace ox {

class RegularFile final : public MemoryInode, public ByteSource {
 public:
  RegularFile(FileSystem& file_system, std::uint32_t mode, Memory& memory, FileRoom* room)
      : MemoryInode(file_system, mode), pages_(memory, room) {}

  abi::stat status() const override;
  Result<std::uint64_t> read(UserBytes& to, std::uint64_t offset) override;
  Result<std::uint64_t> write(UserBytes& from, std::uint64_t& offset, bool append) override;
  Result<> truncate(std::uint64_t size) override;
  Result<std::string_view> target(std::span<char> room) override;
  RegularFile* regular() override { return this; }

  std::uint64_t size() const override;
  std::uint64_t read(std::uint64_t offset, std::span<std::byte> to) const override;
  // Adds bytes at the end, for files that the kernel makes. Errno::enospc if not all of them fit.
  Result<> append(std::span<const std::byte> bytes);
  // The page for a private mapping, with zeros after the file's last byte. Errno::einval: the page is beyond the end.
  Result<FrameRef> page(std::uint64_t index) override;
  Result<Ref<PageSource>> pages(bool shared) override;

 private:
  friend class SharedView;

  template <class F>
  Result<std::uint64_t> get(std::uint64_t offset, std::uint64_t size, F f) const REQUIRES(lock_);
  // Needs no lock: it reads only members that never change.
  FilePages no_pages() const NO_THREAD_SAFETY_ANALYSIS { return pages_.none(); }
  Result<> clear_end() REQUIRES(lock_);
  Result<> show_page(std::uint64_t index) REQUIRES(lock_);
  template <class F>
  Result<std::uint64_t> put(std::uint64_t offset, std::uint64_t size, F f) REQUIRES(lock_);

  Mutex changes_;
  FilePages pages_ GUARDED_BY(lock_);
  std::uint64_t size_ GUARDED_BY(lock_) = 0;
  bool clear_ GUARDED_BY(lock_) = true;   // false: after a truncation there was no memory to clear the last page
  unsigned views_ GUARDED_BY(lock_) = 0;  // number of shared mappings; if not 0, the file is written in place (rule 14)
};

}  // namespace ox
