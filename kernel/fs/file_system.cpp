#include "fs/file_system.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ox {

namespace {

constexpr unsigned max_links = 40;  // Linux: MAXSYMLINKS

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
  root_ = TRY(new_inode(abi::s_ifdir | 0755, nullptr));
  root_->parent_ = root_.get();
  return {};
}

Result<Ref<Inode>> FileSystem::new_inode(std::uint32_t mode, Inode* parent) {
  const LockGuard guard(lock_);
  Inode* const inode = TRY(inode_slab_.make(*this, next_number_, mode, parent));
  ++next_number_;
  inodes_.push_back(*inode);
  return Ref<Inode>::adopt(inode);
}

// A lookup under way. Once a link has been followed, `rest` stands at the end of `page`: what is left to follow only
// gets shorter at its front, so a target fits in before it and nothing moves.
struct FileSystem::Walk {
  std::string_view rest;
  unsigned links = 0;
  FrameRef page;
};

// Puts the link's target before the rest of the path.
Result<> FileSystem::follow(Walk& walk, const Inode& link) {
  if (++walk.links > max_links) return Errno::eloop;
  if (link.size() == 0) return Errno::enoent;
  if (!walk.page) {
    const auto frame = frames_.alloc(FrameKind::kernel, Content::any);
    if (!frame) return Errno::enomem;
    walk.page = FrameRef(frames_, *frame);
    if (walk.rest.size() > page_size) return Errno::enametoolong;
    std::memcpy(walk.page.bytes() + page_size - walk.rest.size(), walk.rest.data(), walk.rest.size());
  }
  // The rest is empty or starts with a slash.
  const std::uint64_t room = page_size - walk.rest.size();
  if (link.size() > room) return Errno::enametoolong;
  std::byte* const start = walk.page.bytes() + room - link.size();
  link.read(0, {start, link.size()});
  walk.rest = {reinterpret_cast<const char*>(start), link.size() + walk.rest.size()};
  return {};
}

Result<Ref<Inode>> FileSystem::lookup(std::string_view path, Inode& base, LastLink last) {
  if (path.empty()) return Errno::enoent;
  Walk walk;
  walk.rest = path;
  Ref<Inode> at = path.front() == '/' ? root_ : Ref<Inode>::share(base);
  for (;;) {
    const bool slash = walk.rest.starts_with('/');
    const std::string_view name = take_name(walk.rest);
    if (slash && !at->directory()) return Errno::enotdir;
    if (name.empty()) return at;
    Ref<Inode> next = TRY(find(*at, name));
    // A link that a slash follows is no last one.
    if (!next->symlink() || (walk.rest.empty() && last == LastLink::keep)) {
      at = std::move(next);
      continue;
    }
    TRY(follow(walk, *next));
    if (walk.rest.starts_with('/')) at = root_;
  }
}

// `name` in `directory`.
Result<Ref<Inode>> FileSystem::find(Inode& directory, std::string_view name) {
  if (!directory.directory()) return Errno::enotdir;
  if (name == ".") return Ref<Inode>::share(directory);
  if (name == "..") return Ref<Inode>::share(*directory.parent_);
  if (name.size() > DirectoryEntry::max_name) return Errno::enametoolong;
  const LockGuard guard(lock_);
  for (const DirectoryEntry* entry = directory.entries_.front(); entry != nullptr;
       entry = directory.entries_.after(*entry)) {
    if (entry->name() == name) return entry->inode;
  }
  return Errno::enoent;
}

// A new inode under a new name in `directory`.
Result<Ref<Inode>> FileSystem::add(Inode& directory, std::string_view name, std::uint32_t mode) {
  if (name.size() > DirectoryEntry::max_name) return Errno::enametoolong;
  Ref<Inode> inode = TRY(new_inode(mode, &directory));
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

Result<Ref<File>> FileSystem::open(std::string_view path, Inode& base, std::uint32_t flags) {
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
