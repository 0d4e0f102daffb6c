// An open file, as a descriptor names it: what each kind answers to the system calls.
//
// Held by counted references; the last one closes. Every user address goes through the caller's AddressSpace, and no
// lock is held where that may fault (rule 9).
// Fails: with Linux's errors; a kind that does not know an operation keeps the answer given here.
#pragma once

#include <cstdint>

#include "abi/file.h"
#include "arch/panic.h"
#include "lib/result.h"
#include "sync/ref.h"
#include "vm/space.h"

namespace ox {

class Inode;

class File : public RefCounted {
 public:
  // How many bytes were moved; 0 from read is the end. Errno::epipe from write: SIGPIPE is the caller's to send.
  virtual Result<std::uint64_t> read(AddressSpace&, VirtAddr, std::uint64_t) { return Errno::ebadf; }
  virtual Result<std::uint64_t> write(AddressSpace&, VirtAddr, std::uint64_t) { return Errno::ebadf; }
  virtual Result<std::uint64_t> seek(std::int64_t, abi::Whence) { return Errno::espipe; }
  virtual Result<> ioctl(AddressSpace&, std::uint64_t /*request*/, VirtAddr /*argument*/) { return Errno::enotty; }
  virtual abi::stat status() const = 0;
  // What it was opened from, where that can be looked into or mapped; null for pipes and devices.
  virtual Inode* inode() const { return nullptr; }

  static void destroy(File* file) { file->close(); }

 protected:
  ~File() = default;

 private:
  // The last reference is gone. Devices last as long as the kernel, which keeps one to each.
  virtual void close() { panic("a device's last reference was dropped"); }
};

}  // namespace ox
