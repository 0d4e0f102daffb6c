// A regular file of the in-memory file system: bytes in frames, which exec and mmap share with it. A symbolic link is
// one too, whose bytes are its target; it is never opened, so they stay.
//
// Locks: lock_ (memory_inode.h) guards pages and size. Bytes move between the file and a user's memory in pieces of up
// to 64 KiB, each at once as seen by others; the faults it needs come first, without the lock. The mutex makes one
// operation of a write's pieces, as seen by who writes or cuts (Linux: i_rwsem). Fails: Errno::enospc, enomem, efbig
// (file_pages.h), efault. To make it shorter needs no memory.
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
  // For the kernel's own files: more bytes at the end.
  Result<> append(std::span<const std::byte> bytes);
  // Behind the file's last byte a page is full of zeros. Errno::einval: the file is shorter.
  Result<FrameRef> page(std::uint64_t index) override;
  Result<Ref<PageSource>> pages(bool shared) override;

 private:
  friend class SharedView;

  template <class F>
  Result<std::uint64_t> get(std::uint64_t offset, std::uint64_t size, F f) const REQUIRES(lock_);
  FilePages no_pages() const NO_THREAD_SAFETY_ANALYSIS { return pages_.none(); }  // what it looks at never changes
  Result<> clear_end() REQUIRES(lock_);
  Result<> show_page(std::uint64_t index) REQUIRES(lock_);
  template <class F>
  Result<std::uint64_t> put(std::uint64_t offset, std::uint64_t size, F f) REQUIRES(lock_);

  Mutex changes_;
  FilePages pages_ GUARDED_BY(lock_);
  std::uint64_t size_ GUARDED_BY(lock_) = 0;
  bool clear_ GUARDED_BY(lock_) = true;   // false: it was made shorter, and there was no memory to clear the last page
  unsigned views_ GUARDED_BY(lock_) = 0;  // of shared mappings; above 0 the file is written in place (rule 14)
};

}  // namespace ox
