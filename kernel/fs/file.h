// An open file (POSIX: open file description): an inode, a position and flags. Descriptors refer to it.
//
// Held by counted references; dropping the last one closes the file. Callers of read() and write() check before whether
// the file was opened for reading or writing. All access to user memory goes through UserBytes, and no spin lock is
// held where that may fault (rule 9).
//
// Owns: a reference to the inode, and locks on it (fs/file_locks.h). Locks: the mutex guards the position, which
// processes share after fork. A read or write at the position holds the mutex to the end, as POSIX demands. Fails: with
// Linux's errors.
#pragma once

#include "arch/atomic.h"
#include "fs/inode.h"
#include "sched/wait_queue.h"

namespace ox {

class File : public RefCounted {
 public:
  // Keeps the o_ flags that have a meaning after open().
  File(Ref<Inode> inode, std::uint32_t flags) : inode_(std::move(inode)), flags_(flags & kept_flags) {}
  virtual ~File() {
    inode_->locks.release(this);
    if (use_ != 0) inode_->uses.fetch_sub(use_, relaxed);
  }

  // Return how many bytes were moved; 0 from read() is the end of the file. If write() fails with Errno::epipe, the
  // caller sends SIGPIPE.
  virtual Result<std::uint64_t> read(UserBytes& to);
  virtual Result<std::uint64_t> write(UserBytes& from);
  // The same at an offset. Errno::espipe if the inode is not seekable.
  Result<std::uint64_t> pread(UserBytes& to, std::int64_t offset);
  Result<std::uint64_t> pwrite(UserBytes& from, std::int64_t offset);
  Result<std::uint64_t> seek(std::int64_t offset, abi::Whence whence);
  // The number of bytes that can be read without waiting (FIONREAD). Errno::enotty for types of files without such a
  // number.
  virtual Result<std::uint64_t> available();
  // Linux: getdents64(2).
  Result<> list(DirectoryWriter& to);
  // What can be done now without waiting, as the bits of poll(2) (abi/file.h). Code that changes them must call
  // PollQueue::changed().
  virtual std::uint32_t poll() { return inode_->poll(); }
  Inode* inode() const { return inode_.get(); }

  // O_NONBLOCK, O_APPEND and the access mode. All descriptors of the open file share them.
  std::uint32_t flags() const { return flags_.load(relaxed); }
  void set_flags(std::uint32_t flags) { flags_.store(flags, relaxed); }
  bool has(std::uint32_t flag) const { return (flags() & flag) != 0; }

  // As long as this is open, counts as one use of the inode for writing (1) or for executing (-1). Errno::etxtbsy if
  // the inode is in use the other way.
  Result<> start_use(int use);

  static void destroy(File* file) { delete file; }
  static void operator delete(void* file) { Slabs::free(file); }

 private:
  static constexpr std::uint32_t kept_flags = abi::o_accmode | abi::o_append | abi::o_nonblock;

  const Ref<Inode> inode_;
  Atomic<std::uint32_t> flags_;
  Mutex mutex_;
  std::uint64_t position_ = 0;
  int use_ = 0;
  std::uint64_t list_end_ = ~std::uint64_t{0};  // DirectoryWriter::end
};

}  // namespace ox
