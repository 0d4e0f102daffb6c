// An open file, as a descriptor names it: what each kind answers to the system calls.
//
// Held by counted references; the last one closes. Every user address goes through the caller's AddressSpace, and no
// lock is held where that may fault (rule 9).
// Fails: with Linux's errors; a kind that does not know an operation keeps the answer given here. Whether the file was
// opened for reading or for writing is asked before read() and write(), not in them.
#pragma once

#include <cstdint>

#include "abi/file.h"
#include "arch/atomic.h"
#include "arch/panic.h"
#include "lib/result.h"
#include "sync/ref.h"
#include "vm/space.h"

namespace ox {

class DirectoryWriter;
class Inode;

class File : public RefCounted {
 public:
  // How many bytes were moved; 0 from read is the end. Errno::epipe from write: SIGPIPE is the caller's to send.
  virtual Result<std::uint64_t> read(AddressSpace&, VirtAddr, std::uint64_t) { return Errno::einval; }
  virtual Result<std::uint64_t> write(AddressSpace&, VirtAddr, std::uint64_t) { return Errno::einval; }
  // The same at an offset, for what has one.
  virtual Result<std::uint64_t> pread(AddressSpace&, VirtAddr, std::uint64_t, std::uint64_t /*offset*/) {
    return Errno::espipe;
  }
  virtual Result<std::uint64_t> pwrite(AddressSpace&, VirtAddr, std::uint64_t, std::uint64_t /*offset*/) {
    return Errno::espipe;
  }
  virtual Result<std::uint64_t> seek(std::int64_t, abi::Whence) { return Errno::espipe; }
  virtual Result<> ioctl(AddressSpace&, std::uint64_t /*request*/, VirtAddr /*argument*/) { return Errno::enotty; }
  // Linux: getdents64(2).
  virtual Result<> list(DirectoryWriter&) { return Errno::enotdir; }
  // What can be done now without waiting, as poll's bits (abi/poll.h). Who makes them change tells the PollQueue.
  virtual std::uint32_t poll() { return abi::pollin | abi::pollout; }
  // A device is opened by a path: the file that it leads to.
  virtual Result<Ref<File>> opened() { return Ref<File>::share(*this); }
  virtual abi::stat status() const = 0;
  // What it was opened from; null for pipes, and for devices that were not opened by a path.
  virtual Inode* inode() const { return nullptr; }

  // O_NONBLOCK, O_APPEND and the access mode: all that share the open file share them.
  std::uint32_t flags() const { return flags_.load(relaxed); }
  void set_flags(std::uint32_t flags) { flags_.store(flags, relaxed); }
  bool has(std::uint32_t flag) const { return (flags() & flag) != 0; }

  static void destroy(File* file) { file->close(); }

 protected:
  explicit File(std::uint32_t flags = abi::o_rdwr) : flags_(flags) {}
  ~File() = default;

 private:
  // The last reference is gone. Devices last as long as the kernel, which keeps one to each.
  virtual void close() { panic("a device's last reference was dropped"); }

  Atomic<std::uint32_t> flags_;
};

}  // namespace ox
