#include "fs/open_file.h"

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
  std::uint64_t base = 0;
  if (whence == abi::Whence::current) base = offset_;
  if (whence == abi::Whence::end) base = inode_->size();
  std::int64_t position = 0;
  if (__builtin_add_overflow(base, offset, &position) || position < 0) return Errno::einval;
  offset_ = static_cast<std::uint64_t>(position);
  return offset_;
}

}  // namespace ox
