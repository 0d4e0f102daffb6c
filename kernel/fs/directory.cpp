#include "fs/directory.h"

#include <algorithm>

#include "fs/file_system.h"

namespace ox {

void DirectoryEntry::set_name(std::string_view name) {
  length = static_cast<std::uint8_t>(name.size());
  std::ranges::copy(name, characters.begin());
}

DirectoryEntry* Directory::entry(std::string_view name) const {
  DirectoryEntry* entry = entries_.front();
  while (entry != nullptr && entry->name() != name) entry = entries_.after(*entry);
  return entry;
}

Result<Ref<Inode>> Directory::find(std::string_view name) {
  if (name.size() > DirectoryEntry::max_name) return Errno::enametoolong;
  const LockGuard guard(file_system_.lock_);
  const DirectoryEntry* const found = entry(name);
  if (found == nullptr) return Errno::enoent;
  return found->inode;
}

Result<> Directory::list(std::uint64_t& cursor, DirectoryWriter& to) {
  const std::uint64_t own = status().st_ino;
  const Result<Ref<Inode>> above = parent();
  const std::uint64_t parents = above ? (*above)->status().st_ino : own;
  if (cursor == 0 && to.add(".", own, abi::s_ifdir, 1)) cursor = 1;
  if (cursor == 1 && to.add("..", parents, abi::s_ifdir, first_number)) cursor = first_number;
  const LockGuard guard(file_system_.lock_);
  for (const DirectoryEntry* at = entries_.front(); at != nullptr; at = entries_.after(*at)) {
    if (at->number < cursor) continue;
    if (!to.add(at->name(), at->inode->status().st_ino, at->inode->type(), at->number + 1)) break;
    cursor = at->number + 1;
  }
  return {};
}

void Directory::add(DirectoryEntry& entry) {
  entry.directory = this;
  entry.number = next_number_++;
  entries_.push_back(entry);
  if (entry.inode->is_directory()) add_links(1);  // its ".."
  const LockGuard guard(lock_);
  touch();
}

void Directory::remove(DirectoryEntry& entry) {
  entries_.remove(entry);
  if (entry.inode->is_directory()) add_links(-1);
  const LockGuard guard(lock_);
  touch();
}

}  // namespace ox
