#include "fs/open_file.h"

namespace ox {

Result<std::uint64_t> OpenFile::read(AddressSpace& space, VirtAddr to, std::uint64_t size) {
  const MutexGuard guard(mutex_);
  const std::uint64_t moved = TRY(inode_->read(space, to, size, position_));
  position_ += moved;
  return moved;
}

Result<std::uint64_t> OpenFile::write(AddressSpace& space, VirtAddr from, std::uint64_t size) {
  const MutexGuard guard(mutex_);
  return inode_->write(space, from, size, position_, has(abi::o_append));
}

Result<std::uint64_t> OpenFile::pread(AddressSpace& space, VirtAddr to, std::uint64_t size, std::uint64_t offset) {
  return inode_->read(space, to, size, offset);
}

// O_APPEND wins over the offset, as on Linux.
Result<std::uint64_t> OpenFile::pwrite(AddressSpace& space, VirtAddr from, std::uint64_t size, std::uint64_t offset) {
  return inode_->write(space, from, size, offset, has(abi::o_append));
}

Result<std::uint64_t> OpenFile::seek(std::int64_t offset, abi::Whence whence) {
  const MutexGuard guard(mutex_);
  std::uint64_t base = 0;
  if (whence == abi::Whence::current) base = position_;
  if (whence == abi::Whence::end) base = static_cast<std::uint64_t>(status().st_size);
  std::int64_t position = 0;
  if (__builtin_add_overflow(base, offset, &position) || position < 0) return Errno::einval;
  position_ = static_cast<std::uint64_t>(position);
  return position_;
}

Result<> OpenFile::list(DirectoryWriter& to) {
  const MutexGuard guard(mutex_);
  return inode_->list(position_, to);
}

Result<std::uint64_t> OpenDevice::read(AddressSpace& space, VirtAddr to, std::uint64_t size) {
  if (has(abi::o_nonblock) && (poll() & abi::pollin) == 0) return Errno::eagain;
  return device_->read(space, to, size);
}

Result<std::uint64_t> OpenDevice::write(AddressSpace& space, VirtAddr from, std::uint64_t size) {
  if (has(abi::o_nonblock) && (poll() & abi::pollout) == 0) return Errno::eagain;
  return device_->write(space, from, size);
}

}  // namespace ox
