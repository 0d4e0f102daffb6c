#include "fs/memory_inode.h"

#include <algorithm>
#include <cstring>

#include "fs/directory.h"
#include "fs/file_system.h"

namespace ox {

MemoryInode::MemoryInode(FileSystem& file_system, std::uint32_t mode) : Inode(mode), file_system_(file_system) {
  status_.st_dev = FileSystem::device_number;
  status_.st_ino = file_system.next_ino();
  status_.st_mode = mode;
  status_.st_nlink = is_directory() ? 1 : 0;  // its own ".", and no entry yet
  status_.st_atim = status_.st_mtim = status_.st_ctim = file_system.now();
}

abi::stat MemoryInode::status() const {
  const LockGuard guard(lock_);
  return status_;
}

Result<Ref<Inode>> MemoryInode::parent() {
  const LockGuard guard(file_system_.lock_);
  if (entry_ == nullptr) return Errno::enoent;
  return Ref<Inode>(Ref<Directory>::share(*entry_->directory));
}

Result<std::string_view> MemoryInode::name(std::span<char> room) {
  const LockGuard guard(file_system_.lock_);
  if (entry_ == nullptr) return Errno::enoent;
  if (entry_->length > room.size()) return Errno::enametoolong;
  std::ranges::copy(entry_->name(), room.begin());
  return std::string_view(room.data(), entry_->length);
}

Result<> MemoryInode::change(const AttributeChange& change) {
  const LockGuard guard(lock_);
  if (change.permissions) status_.st_mode = type() | *change.permissions;
  status_.st_uid = change.uid.value_or(status_.st_uid);
  status_.st_gid = change.gid.value_or(status_.st_gid);
  status_.st_atim = change.accessed.value_or(status_.st_atim);
  status_.st_mtim = change.modified.value_or(status_.st_mtim);
  status_.st_ctim = file_system_.now();
  return {};
}

void MemoryInode::touch() { status_.st_mtim = status_.st_ctim = file_system_.now(); }

void MemoryInode::add_links(int number) {
  const LockGuard guard(lock_);
  status_.st_nlink += static_cast<std::uint32_t>(number);
  status_.st_ctim = file_system_.now();
}

Symlink::Symlink(FileSystem& file_system, FrameRef text, std::size_t size)
    : MemoryInode(file_system, abi::s_iflnk | 0777), text_(std::move(text)) {
  status_.st_size = static_cast<std::int64_t>(size);
}

Result<std::string_view> Symlink::target(std::span<char> room) {
  const auto size = static_cast<std::size_t>(status().st_size);
  if (size > room.size()) return Errno::enametoolong;
  std::memcpy(room.data(), text_.bytes(), size);
  return std::string_view(room.data(), size);
}

}  // namespace ox
