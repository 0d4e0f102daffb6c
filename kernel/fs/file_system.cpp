#include "fs/file_system.h"

#include <algorithm>
#include <utility>

namespace ox {

namespace {

constexpr unsigned max_links = 40;  // Linux: MAXSYMLINKS
constexpr unsigned max_depth = 8;   // and so many before 4.2

// Takes the first name off `path`, with the slashes around it. Empty: there is none.
std::string_view take_name(std::string_view& path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const std::string_view name = path.substr(0, path.find('/'));
  path.remove_prefix(name.size());
  return name;
}

// Whether nothing but slashes is left.
bool at_end(std::string_view path) { return path.find_first_not_of('/') == std::string_view::npos; }

}  // namespace

FileSystem::FileSystem(Frames& frames)
    : frames_(frames), inode_slab_(frames), entry_slab_(frames), open_file_slab_(frames) {}

Result<> FileSystem::start() {
  root_ = Ref<Inode>::adopt(TRY(inode_slab_.make(*this, abi::s_ifdir | 0755, nullptr)));
  return {};
}

Result<Ref<Inode>> FileSystem::lookup(std::string_view path, const Ref<Inode>& base, LastLink last) {
  unsigned links = 0;
  return walk(path, base, last, links, 0);
}

// `links` counts those followed in the whole lookup, `depth` those that this path is the target of.
Result<Ref<Inode>> FileSystem::walk(std::string_view path, const Ref<Inode>& base, LastLink last, unsigned& links,
                                    unsigned depth) {
  if (path.empty()) return Errno::enoent;
  Ref<Inode> at = path.front() == '/' ? root_ : base;
  for (;;) {
    const bool slash = path.starts_with('/');
    const std::string_view name = take_name(path);
    if (slash && !at->directory()) return Errno::enotdir;
    if (name.empty()) return at;
    Ref<Inode> next = TRY(find(*at, name));
    // A link that a slash follows is no last one.
    if (next->symlink() && (!path.empty() || last == LastLink::follow)) {
      if (++links > max_links || depth == max_depth) return Errno::eloop;
      next = TRY(walk(next->target(), at, LastLink::follow, links, depth + 1));
    }
    at = std::move(next);
  }
}

Result<std::string_view> FileSystem::path_of(const Inode& inode, std::span<char> buffer) {
  const LockGuard guard(lock_);
  char* start = buffer.data() + buffer.size();
  const auto prepend = [&](std::string_view text) {
    if (text.size() > static_cast<std::size_t>(start - buffer.data())) return false;
    start = std::copy_backward(text.begin(), text.end(), start);
    return true;
  };
  for (const Inode* at = &inode; at != root_.get(); at = at->parent_) {
    const DirectoryEntry* entry = at->parent_->entries_.front();
    while (entry != nullptr && entry->inode.get() != at) entry = at->parent_->entries_.after(*entry);
    if (entry == nullptr) return Errno::enoent;
    if (!prepend(entry->name()) || !prepend("/")) return Errno::enametoolong;
  }
  if (&inode == root_.get() && !prepend("/")) return Errno::enametoolong;
  return std::string_view(start, buffer.data() + buffer.size());
}

// `name` in `directory`.
Result<Ref<Inode>> FileSystem::find(Inode& directory, std::string_view name) {
  if (!directory.directory()) return Errno::enotdir;
  if (name == ".") return Ref<Inode>::share(directory);
  if (name == "..") return Ref<Inode>::share(*directory.parent_);
  if (name.size() > DirectoryEntry::max_name) return Errno::enametoolong;
  const LockGuard guard(lock_);
  const DirectoryEntry* entry = directory.entries_.front();
  while (entry != nullptr && entry->name() != name) entry = directory.entries_.after(*entry);
  if (entry == nullptr) return Errno::enoent;
  return entry->inode;
}

// A new inode under a new name in `directory`.
Result<Ref<Inode>> FileSystem::add(Inode& directory, std::string_view name, std::uint32_t mode) {
  if (name.size() > DirectoryEntry::max_name) return Errno::enametoolong;
  Ref<Inode> inode = Ref<Inode>::adopt(TRY(inode_slab_.make(*this, mode, &directory)));
  DirectoryEntry& entry = *TRY(entry_slab_.make());
  entry.inode = inode;
  entry.length = static_cast<std::uint8_t>(name.size());
  std::copy(name.begin(), name.end(), entry.characters.begin());
  const LockGuard guard(lock_);
  directory.entries_.push_back(entry);
  return inode;
}

Result<Ref<Inode>> FileSystem::make(std::string_view path, std::uint32_t mode) {
  if (at_end(path) && (mode & abi::s_ifmt) != abi::s_ifdir) return Errno::eexist;
  Ref<Inode> at = root_;
  for (std::string_view name = take_name(path); !name.empty(); name = take_name(path)) {
    const bool last = at_end(path);
    auto next = find(*at, name);
    if (next && last && !((*next)->directory() && (mode & abi::s_ifmt) == abi::s_ifdir)) return Errno::eexist;
    if (!next && next.error() == Errno::enoent) next = add(*at, name, last ? mode : abi::s_ifdir | 0755);
    at = TRY(std::move(next));
  }
  return at;
}

Result<> FileSystem::make_device(std::string_view path, Ref<File> file) {
  const Ref<Inode> inode = TRY(make(path, file->status().st_mode));
  inode->device_ = std::move(file);
  return {};
}

Result<Ref<File>> FileSystem::open(std::string_view path, const Ref<Inode>& base, std::uint32_t flags) {
  const bool create = (flags & abi::o_creat) != 0;
  const bool keep_link = (flags & abi::o_nofollow) != 0 || (create && (flags & abi::o_excl) != 0);
  const auto found = lookup(path, base, keep_link ? LastLink::keep : LastLink::follow);
  if (!found) return create && found.error() == Errno::enoent ? Errno::erofs : found.error();
  const Ref<Inode>& inode = *found;
  if (create && (flags & abi::o_excl) != 0) return Errno::eexist;
  if (inode->symlink()) return Errno::eloop;
  if ((flags & abi::o_directory) != 0 && !inode->directory()) return Errno::enotdir;
  if (inode->device_) return inode->device_;
  const bool writes = (flags & abi::o_accmode) != abi::o_rdonly || (flags & abi::o_trunc) != 0;
  if (inode->directory() && (writes || create)) return Errno::eisdir;
  if (writes) return Errno::erofs;
  return Ref<File>(Ref<OpenFile>::adopt(TRY(open_file_slab_.make(open_file_slab_, inode))));
}

}  // namespace ox
