#include "fs/file_locks.h"

#include <algorithm>

namespace ox {

const FileLock* FileLocks::find_blocker(const FileLock& wanted) const {
  const FileLock* found = nullptr;
  for (const FileLock* lock = locks_.front(); lock != nullptr; lock = locks_.after(*lock)) {
    let_interrupts_in();
    if (lock->holder == wanted.holder || lock->by_flock != wanted.by_flock) continue;
    if (lock->last < wanted.first || wanted.last < lock->first) continue;
    if (lock->type == abi::f_rdlck && wanted.type == abi::f_rdlck) continue;
    if (found == nullptr || lock->first < found->first) found = lock;
  }
  return wanted.type == abi::f_unlck ? nullptr : found;
}

// Puts `lock` in place of all that its holder has in its range, and merges it with locks of the same type that it
// touches. If an old lock reaches beyond the end of `lock`, `rest` becomes that part.
void FileLocks::put(FileLock& lock, FileLock& rest) {
  for (FileLock *old = locks_.front(), *next; old != nullptr; old = next) {
    let_interrupts_in();
    next = locks_.after(*old);
    if (old->holder != lock.holder || old->by_flock != lock.by_flock) continue;
    const std::uint64_t touching = old->type == lock.type ? 1 : 0;
    if (old->last + touching < lock.first || lock.last + touching < old->first) continue;
    if (old->type == lock.type) {
      lock.first = std::min(lock.first, old->first);
      lock.last = std::max(lock.last, old->last);
    }
    if (old->last > lock.last) {
      rest.first = lock.last + 1;
      rest.last = old->last;
      rest.type = old->type;
      locks_.push_back(rest);
    }
    if (old->first < lock.first) {
      old->last = lock.first - 1;
    } else {
      locks_.remove(*old);
      Slabs::destroy(old);
    }
  }
  if (lock.type != abi::f_unlck) locks_.push_back(lock);
  released_.wake_all();
}

// As on Linux, flock(2) releases the old lock before it waits for the new one.
Result<> FileLocks::set(Slabs& slabs, const FileLock& wanted, bool wait) {
  const LockGuard guard(lock_);
  used_.store(true, relaxed);
  if (wanted.by_flock) {
    FileLock none{.holder = wanted.holder, .by_flock = true};
    put(none, none);
  }
  while (find_blocker(wanted) != nullptr) {
    if (!wait) return Errno::eagain;
    TRY(released_.sleep(lock_));
  }
  const Result<FileLock*> lock = slabs.make<FileLock>(wanted), rest = slabs.make<FileLock>(wanted);
  if (lock && rest) put(**lock, **rest);
  for (const Result<FileLock*>& made : {lock, rest}) {
    if (made && !(*made)->hook.linked) Slabs::destroy(*made);
  }
  return lock && rest ? Result<>() : Errno::enolck;
}

std::optional<FileLock> FileLocks::blocker(const FileLock& wanted) {
  const LockGuard guard(lock_);
  const FileLock* const found = find_blocker(wanted);
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

void FileLocks::remove(const void* holder) {
  const LockGuard guard(lock_);
  for (const bool by_flock : {false, true}) {
    FileLock none{.holder = holder, .by_flock = by_flock};
    put(none, none);
  }
}

}  // namespace ox
