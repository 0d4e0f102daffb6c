// Changing names: link, unlink and rename.
#include <utility>

#include "fs/file_system.h"

namespace ox {

namespace {

// Whether a name can be made or removed.
bool plain(std::string_view name) { return !name.empty() && name != "." && name != ".."; }

}  // namespace

// Takes an entry out of its directory. The caller destroys the entry after releasing the lock.
void FileSystem::drop_entry(DirectoryEntry& entry) {
  entry.directory->remove(entry);
  --names_;
  MemoryInode& inode = *entry.inode->in_memory();
  if (Directory* const removed = inode.directory()) removed->above_ = Ref<Directory>::share(*entry.directory);
  if (inode.entry_ == &entry) inode.entry_ = nullptr;
  inode.add_links(inode.is_directory() ? -2 : -1);  // for a directory, its own "." too
}

// Gives `inode` the name that `way` leads to. Errno::eexist if the name is taken.
Result<> FileSystem::insert(const Way& way, const Ref<Inode>& inode) {
  if (way.name.size() > DirectoryEntry::max_name) return Errno::enametoolong;
  Directory* const directory = way.directory->directory();
  if (directory == nullptr) return Errno::eacces;
  const LockGuard guard(lock_);
  if (directory->entry(way.name) != nullptr) return Errno::eexist;
  if (directory->removed()) return Errno::enoent;
  if (names_ >= most_names_) return Errno::enospc;
  DirectoryEntry* const entry = TRY(slabs.make<DirectoryEntry>());
  entry->inode = inode;
  entry->set_name(way.name);
  directory->add(*entry);
  ++names_;
  MemoryInode* const named = inode->in_memory();
  if (named == nullptr) return {};
  named->entry_ = entry;
  named->add_links(1);
  return {};
}

Result<> FileSystem::link(const Ref<Inode>& inode, const PathAt& at) {
  const Way way = TRY(walk(at, LastLink::itself));
  if (way.inode) return Errno::eexist;
  if (way.slash) return Errno::enoent;
  if (inode->is_directory()) return Errno::eperm;
  if (inode->in_memory() == nullptr) return Errno::exdev;
  return insert(way, inode);
}

Result<> FileSystem::remove(const PathAt& at, bool directory) {
  const Way way = TRY(walk(at, LastLink::itself));
  if (!plain(way.name)) {
    if (!directory) return Errno::eisdir;
    if (way.name.empty()) return Errno::ebusy;
    return way.name == "." ? Errno::einval : Errno::enotempty;
  }
  Directory* const from = way.directory->directory();
  if (from == nullptr) return Errno::eperm;
  DirectoryEntry* entry = nullptr;
  {
    const LockGuard guard(lock_);
    entry = from->entry(way.name);
    if (entry == nullptr) return Errno::enoent;
    if (directory != entry->inode->is_directory()) return directory ? Errno::enotdir : Errno::eisdir;
    if (entry->inode->in_memory() == nullptr) return Errno::ebusy;
    if (directory && !entry->inode->directory()->empty()) return Errno::enotempty;
    if (!directory && way.slash) return Errno::enotdir;
    drop_entry(*entry);
  }
  Slabs::destroy(entry);
  return {};
}

// Whether `outer` is `inner` itself, or a directory above it.
bool FileSystem::lies_in(const Directory& inner, const Directory& outer) {
  const Directory* at = &inner;
  while (at != &outer && at->entry_ != nullptr) at = at->entry_->directory;
  return at == &outer;
}

// Whether rename may move `entry` into `to`. `other` is the entry there that it would replace; null: none.
Result<> FileSystem::may_move(const DirectoryEntry& entry, const Directory& to, const DirectoryEntry* other) {
  const Directory* const directory = entry.inode->directory();
  if (to.removed()) return Errno::enoent;
  if (entry.inode->in_memory() == nullptr) return Errno::ebusy;
  if (directory != nullptr && lies_in(to, *directory)) return Errno::einval;
  if (other == nullptr) return {};
  if (other->inode->in_memory() == nullptr) return Errno::ebusy;
  const Directory* const replaced = other->inode->directory();
  if (replaced != nullptr && lies_in(*entry.directory, *replaced)) return Errno::enotempty;
  if (directory != nullptr && replaced == nullptr) return Errno::enotdir;
  if (directory == nullptr && replaced != nullptr) return Errno::eisdir;
  return replaced == nullptr || replaced->empty() ? Result<>() : Errno::enotempty;
}

Result<> FileSystem::rename(const PathAt& from, const PathAt& to, bool replace) {
  const Way source = TRY(walk(from, LastLink::itself));
  const Way target = TRY(walk(to, LastLink::itself));
  if (!plain(source.name)) return Errno::ebusy;
  if (!plain(target.name)) return replace ? Errno::ebusy : Errno::eexist;
  if (!source.inode) return Errno::enoent;
  if (!replace && target.inode) return Errno::eexist;
  if ((source.slash || target.slash) && !source.inode->is_directory()) return Errno::enotdir;
  if (target.name.size() > DirectoryEntry::max_name) return Errno::enametoolong;
  Directory* const old_directory = source.directory->directory();
  Directory* const directory = target.directory->directory();
  if (old_directory == nullptr || directory == nullptr) return Errno::exdev;
  DirectoryEntry* replaced = nullptr;
  {
    const LockGuard guard(lock_);
    DirectoryEntry* const entry = old_directory->entry(source.name);
    if (entry == nullptr) return Errno::enoent;
    replaced = directory->entry(target.name);
    if (replaced != nullptr && !replace) return Errno::eexist;
    if (replaced != nullptr && replaced->inode == entry->inode) return {};
    TRY(may_move(*entry, *directory, replaced));
    if (replaced != nullptr) drop_entry(*replaced);
    if (directory == old_directory) {
      directory->rename(*entry, target.name);  // it keeps its number, so that a listing that is going on sees it once
    } else {
      old_directory->remove(*entry);
      entry->set_name(target.name);
      directory->add(*entry);
    }
  }
  if (replaced != nullptr) Slabs::destroy(replaced);
  return {};
}

}  // namespace ox
