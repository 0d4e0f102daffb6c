#include "fs/memory_inode.h"

#include <algorithm>

#include "fs/file_system.h"

namespace ox {

void DirectoryEntry::set_name(std::string_view name) {
  length = static_cast<std::uint8_t>(name.size());
  std::ranges::copy(name, characters.begin());
}

MemoryInode::MemoryInode(FileSystem& file_system, std::uint32_t mode) : Inode(mode), file_system_(file_system) {
  status_.st_dev = FileSystem::device_number;
  status_.st_ino = file_system.next_ino();
  status_.st_mode = mode;
  status_.st_nlink = is_directory() ? 1 : 0;  // a directory's own "."; there is no entry yet
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

DirectoryEntry* Directory::entry(std::string_view name) const { return file_system_.table_.find(*this, name); }

Result<Ref<Inode>> Directory::find(std::string_view name) {
  if (name.size() > DirectoryEntry::max_name) return Errno::enametoolong;
  const LockGuard guard(file_system_.lock_);
  const DirectoryEntry* const found = entry(name);
  if (found == nullptr) return Errno::enoent;
  return found->inode;
}

Result<> Directory::list(std::uint64_t& cursor, DirectoryWriter& to) {
  const LockGuard guard(file_system_.lock_);
  if (cursor == first_entry) to.end = next_number_;  // leaves out later entries: they might never end
  for (const DirectoryEntry* at = entries_.front(); at != nullptr && at->number < to.end; at = entries_.after(*at)) {
    let_interrupts_in();
    if (at->number < cursor) continue;
    if (!to.add(at->name(), at->inode->status().st_ino, at->inode->type(), at->number + 1)) break;
    cursor = at->number + 1;
  }
  return {};
}

Result<Ref<Inode>> Directory::parent() {
  {
    const LockGuard guard(file_system_.lock_);
    if (above_) return Ref<Inode>(above_);
  }
  return MemoryInode::parent();
}

// Destroys removed directories above, too, if only this one refers to them. A loop, because a recursion could overflow
// the kernel stack.
void Directory::dispose() {
  Ref<Directory> above = std::move(above_);
  delete this;
  while (above.sole()) above = std::exchange(above->above_, {});
}

void Directory::add(DirectoryEntry& entry) {
  entry.directory = this;
  entry.number = next_number_++;
  entries_.push_back(entry);
  file_system_.table_.add(entry);
  if (entry.inode->is_directory()) add_links(1);  // the child's ".."
  changed();
}

void Directory::remove(DirectoryEntry& entry) {
  entries_.remove(entry);
  file_system_.table_.remove(entry);
  if (entry.inode->is_directory()) add_links(-1);
  changed();
}

void Directory::rename(DirectoryEntry& entry, std::string_view name) {
  file_system_.table_.remove(entry);
  entry.set_name(name);
  file_system_.table_.add(entry);
  changed();
}

void Directory::changed() {
  const LockGuard guard(lock_);
  touch();
}

}  // namespace ox
