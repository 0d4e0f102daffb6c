#include "fs/file.h"

#include <algorithm>

namespace ox {

Result<std::uint64_t> File::read(UserBytes& to) {
  if (!inode_->seekable()) {
    if (has(abi::o_nonblock) && (poll() & abi::pollin) == 0) return Errno::eagain;
    return inode_->read(to, 0);
  }
  const LockGuard guard(mutex_);
  const std::uint64_t moved = TRY(inode_->read(to, position_));
  position_ += moved;
  return moved;
}

Result<std::uint64_t> File::write(UserBytes& from) {
  std::uint64_t nowhere = 0;
  if (!inode_->seekable()) return inode_->write(from, nowhere, false);
  const LockGuard guard(mutex_);
  return inode_->write(from, position_, has(abi::o_append));
}

Result<std::uint64_t> File::pread(UserBytes& to, std::int64_t offset) {
  if (offset < 0) return Errno::einval;
  return inode_->seekable() ? inode_->read(to, static_cast<std::uint64_t>(offset)) : Errno::espipe;
}

// With O_APPEND the offset is ignored, as on Linux.
Result<std::uint64_t> File::pwrite(UserBytes& from, std::int64_t offset) {
  if (offset < 0) return Errno::einval;
  auto at = static_cast<std::uint64_t>(offset);
  return inode_->seekable() ? inode_->write(from, at, has(abi::o_append)) : Errno::espipe;
}

Result<std::uint64_t> File::seek(std::int64_t offset, abi::Whence whence) {
  if (!inode_->seekable()) return Errno::espipe;
  const LockGuard guard(mutex_);
  std::uint64_t base = 0;
  if (whence == abi::Whence::current) base = position_;
  if (whence == abi::Whence::end) base = static_cast<std::uint64_t>(inode_->status().st_size);
  std::int64_t position = 0;
  if (__builtin_add_overflow(base, offset, &position) || position < 0) return Errno::einval;
  position_ = static_cast<std::uint64_t>(position);
  return position_;
}

Result<std::uint64_t> File::available() {
  if (inode_->type() != abi::s_ifreg) return Errno::enotty;
  const LockGuard guard(mutex_);
  const auto size = static_cast<std::uint64_t>(inode_->status().st_size);
  return size - std::min(size, position_);
}

Result<> File::start_use(int use) {
  int uses = inode_->uses.load(relaxed);
  do {
    if (uses * use < 0) return Errno::etxtbsy;
  } while (!inode_->uses.compare_exchange_weak(uses, uses + use));
  use_ = use;
  return {};
}

Result<> File::list(DirectoryWriter& to) {
  if (!inode_->is_directory()) return Errno::enotdir;
  const LockGuard guard(mutex_);
  const std::uint64_t own = inode_->status().st_ino;
  const Result<Ref<Inode>> above = inode_->parent();
  const std::uint64_t parents = above ? (*above)->status().st_ino : own;
  if (position_ == 0 && to.add(".", own, abi::s_ifdir, 1)) position_ = 1;
  if (position_ == 1 && to.add("..", parents, abi::s_ifdir, Inode::first_entry)) position_ = Inode::first_entry;
  if (position_ < Inode::first_entry) return {};
  to.end = list_end_;
  const Result<> listed = inode_->list(position_, to);
  list_end_ = to.end;
  return listed;
}

}  // namespace ox
