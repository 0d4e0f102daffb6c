// The advisory locks on one file: flock(2) locks the whole file, fcntl(2) a range. The two kinds do not conflict with
// each other.
//
// The holder of a lock is an open file (flock, F_OFD_SETLK) or a process (F_SETLK), which is represented by its table
// of descriptors. So fork shares the locks of open files but not those of the process, and exec changes nothing. An
// open file's locks end when it is closed for good; a process's locks end when it closes any descriptor of the file.
// Invariant: no two ranges of one holder overlap, and no two of the same type touch.
//
// Owns: the locks. Locks: a spin lock guards the list. Waiters are woken whenever a lock may have been released. The
// kernel detects no deadlocks. Fails: Errno::eagain for a caller that does not want to wait, Errno::erestart if a
// signal comes first, Errno::enolck without memory.
#pragma once

#include <cstdint>
#include <optional>

#include "abi/file.h"
#include "lib/list.h"
#include "objects/slab.h"
#include "sched/wait_queue.h"

namespace ox {

struct FileLock {
  const void* holder = nullptr;  // the address of a File or an FdTable
  std::uint64_t first = 0;
  std::uint64_t last = abi::offset_max;
  std::int32_t pid = 0;
  std::int16_t type = abi::f_unlck;
  bool by_flock = false;
  ListHook<FileLock> hook{};
};

class FileLocks {
 public:
  // Gives the holder the lock `wanted`, or removes its locks in that range (F_UNLCK).
  Result<> set(Slabs& slabs, const FileLock& wanted, bool wait);
  // The lock with the lowest start that conflicts with `wanted` (F_GETLK).
  std::optional<FileLock> blocker(const FileLock& wanted);
  // Removes all locks of the holder.
  void release(const void* holder) {
    if (used_.load(relaxed)) remove(holder);
  }

 private:
  void remove(const void* holder);
  const FileLock* find_blocker(const FileLock& wanted) const REQUIRES(lock_);
  void put(FileLock& lock, FileLock& rest) REQUIRES(lock_);

  SpinLock lock_{LockRank::names};
  Atomic<bool> used_{false};  // false: there has never been a lock
  WaitQueue released_;
  List<FileLock, &FileLock::hook> locks_ GUARDED_BY(lock_);
};

}  // namespace ox
