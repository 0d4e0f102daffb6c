#include "fs/open_file.h"

#include <limits>

namespace ox {

Result<std::uint64_t> OpenFile::read(AddressSpace& space, VirtAddr to, std::uint64_t size) {
  if (inode_->directory()) return Errno::eisdir;
  std::uint64_t done = 0;
  while (done < size) {
    {
      const LockGuard guard(lock_);
      if (offset_ >= inode_->size()) break;
    }
    // The fault that the user's page may need comes first, without the lock.
    const auto place = space.pin_page(to + done, size - done, Access::store);
    if (!place) return done > 0 ? Result<std::uint64_t>(done) : place.error();
    const LockGuard guard(lock_);
    const std::uint64_t moved = inode_->read(offset_, *place);
    offset_ += moved;
    done += moved;
    if (moved < place->size()) break;
  }
  return done;
}

Result<std::uint64_t> OpenFile::seek(std::int64_t offset, abi::Whence whence) {
  const LockGuard guard(lock_);
  std::int64_t base = 0;
  switch (whence) {
    case abi::Whence::set:
      break;
    case abi::Whence::current:
      base = static_cast<std::int64_t>(offset_);
      break;
    case abi::Whence::end:
      base = static_cast<std::int64_t>(inode_->size());
      break;
    default:
      return Errno::einval;
  }
  // Neither is negative but `offset`, so only the sum's upper end can wrap.
  if (offset > std::numeric_limits<std::int64_t>::max() - base || base + offset < 0) return Errno::einval;
  offset_ = static_cast<std::uint64_t>(base + offset);
  return offset_;
}

}  // namespace ox
