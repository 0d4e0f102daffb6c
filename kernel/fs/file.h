// An open file, as a descriptor names it: an inode, and how far it was read.
//
// Held by counted references; the last one closes. Every user address goes through UserBytes, and no spin lock is
// held where that may fault (rule 9). Whether the file was opened for reading or for writing is asked
// before read() and write(), not in them.
// Owns: a reference to the inode, and locks on it (fs/file_locks.h). Lock: the mutex guards the position, which
// processes share after fork; who reads or writes at it has it to himself until he is done, as POSIX demands. Fails:
// with Linux's errors.
#pragma once

#include "arch/atomic.h"
#include "fs/inode.h"
#include "sched/wait_queue.h"

namespace ox {

class File : public RefCounted {
 public:
  // Of the o_ flags, those stay that are not for open() itself.
  File(Ref<Inode> inode, std::uint32_t flags) : inode_(std::move(inode)), flags_(flags & kept_flags) {}
  virtual ~File() {
    inode_->locks.release(this);
    if (use_ != 0) inode_->uses.fetch_sub(use_, relaxed);
  }

  // How many bytes were moved; 0 from read is the end. Errno::epipe from write: SIGPIPE is the caller's to send.
  virtual Result<std::uint64_t> read(UserBytes& to);
  virtual Result<std::uint64_t> write(UserBytes& from);
  // The same at an offset, for what has one.
  Result<std::uint64_t> pread(UserBytes& to, std::int64_t offset);
  Result<std::uint64_t> pwrite(UserBytes& from, std::int64_t offset);
  Result<std::uint64_t> seek(std::int64_t offset, abi::Whence whence);
  // Bytes that can be read without waiting (FIONREAD). Errno::enotty: what it is has none to count.
  virtual Result<std::uint64_t> available();
  // Linux: getdents64(2).
  Result<> list(DirectoryWriter& to);
  // What can be done now without waiting, as poll's bits (abi/file.h). Who makes them change tells the PollQueue.
  virtual std::uint32_t poll() { return inode_->poll(); }
  Inode* inode() const { return inode_.get(); }

  // O_NONBLOCK, O_APPEND and the access mode: all that share the open file share them.
  std::uint32_t flags() const { return flags_.load(relaxed); }
  void set_flags(std::uint32_t flags) { flags_.store(flags, relaxed); }
  bool has(std::uint32_t flag) const { return (flags() & flag) != 0; }

  // As long as it is open: 1, writing to a file that nobody may execute; -1, the other way round. Errno::etxtbsy.
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
};

}  // namespace ox
