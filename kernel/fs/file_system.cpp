#include "fs/file_system.h"

#include <algorithm>
#include <utility>

#include "lib/time.h"

namespace ox {

Result<> FileSystem::start() {
  const auto root = Ref<Directory>::adopt(TRY(slabs.make<Directory>(*this, abi::s_ifdir | 0755)));
  root->add_links(1);  // as if it had a name in a directory
  root_ = root;
  return {};
}

abi::timespec FileSystem::now() const { return to_time(csr_read<Csr::time>(), timebase_); }

abi::statfs FileSystem::status(Inode* inode) const {
  if (inode != nullptr && inode->in_memory() == nullptr) return {.f_type = abi::proc_super_magic};
  const std::uint64_t free = std::min<std::uint64_t>(memory.frames.free_count(), room_.left());
  return {.f_type = abi::tmpfs_magic, .f_blocks = room_.most, .f_bfree = free, .f_bavail = free};
}

void FileSystem::limit() {
  const std::uint64_t more = memory.frames.free_count() / 2;
  room_.most = room_.used.load(relaxed) + more;
  most_names_ = names_ + more;
}

Result<Ref<File>> FileSystem::open(const PathAt& at, std::uint32_t flags, std::uint32_t permissions) {
  const bool create = (flags & abi::o_creat) != 0;
  const bool exclusive = create && (flags & abi::o_excl) != 0;
  const bool keep_link = (flags & abi::o_nofollow) != 0 || exclusive;
  const bool new_directory = create && at.path.ends_with('/');  // an error: open() makes no directories
  const LastLink last = new_directory ? LastLink::itself : keep_link ? LastLink::keep : LastLink::follow;
  Way way = TRY(walk(at, last));
  if (new_directory) return Errno::eisdir;
  while (!way.inode) {
    if (!create) return Errno::enoent;
    if (way.slash) return Errno::eisdir;  // the slash is at the end of a symbolic link's target
    const Ref<Inode> file = TRY(new_inode(abi::s_ifreg | permissions));
    const Result<> made = insert(way, file);
    if (made) return file->open(slabs, flags);
    if (made.error() != Errno::eexist || exclusive) return made.error();
    way = TRY(walk(at, last));  // another process has made the name first
  }
  Inode& inode = *way.inode;
  if (exclusive) return Errno::eexist;
  if ((flags & abi::o_directory) != 0 && !inode.is_directory()) return Errno::enotdir;
  if (inode.is_symlink()) return Errno::eloop;
  const bool writes = (flags & abi::o_accmode) != abi::o_rdonly || (flags & abi::o_trunc) != 0;
  if (inode.is_directory() && (writes || create)) return Errno::eisdir;
  if (inode.regular() != nullptr && (flags & abi::o_trunc) != 0) TRY(inode.truncate(0));
  return inode.open(slabs, flags);
}

Result<Ref<Inode>> FileSystem::new_inode(std::uint32_t mode) {
  switch (mode & abi::s_ifmt) {
    case abi::s_ifdir:
      return Ref<Inode>::adopt(TRY(slabs.make<Directory>(*this, mode)));
    case abi::s_ifreg:
      return Ref<Inode>::adopt(TRY(slabs.make<RegularFile>(*this, mode, memory, &room_)));
    case abi::s_ififo:
      return Ref<Inode>::adopt(TRY(slabs.make<Pipe>(*this, mode)));
    default:
      return Errno::eperm;
  }
}

Result<Ref<PageSource>> FileSystem::make_shared_memory(std::uint64_t size) {
  const auto file = Ref<RegularFile>::adopt(TRY(slabs.make<RegularFile>(*this, abi::s_ifreg | 0777, memory, nullptr)));
  TRY(file->truncate(size));
  return file->pages(true);
}

Result<Ref<Inode>> FileSystem::make(const PathAt& at, std::uint32_t mode) {
  const Way way = TRY(walk(at, LastLink::itself));
  if (way.inode) return Errno::eexist;
  if (way.slash && (mode & abi::s_ifmt) != abi::s_ifdir) return Errno::enoent;
  Ref<Inode> inode = TRY(new_inode(mode));
  TRY(insert(way, inode));
  return inode;
}

Result<> FileSystem::make_symlink(const PathAt& at, std::string_view target) {
  if (target.empty()) return Errno::enoent;
  const Way way = TRY(walk(at, LastLink::itself));
  if (way.inode) return Errno::eexist;
  if (way.slash) return Errno::enoent;
  if (target.size() >= page_size) return Errno::enametoolong;
  const auto link = Ref<RegularFile>::adopt(TRY(slabs.make<RegularFile>(*this, abi::s_iflnk | 0777, memory, &room_)));
  TRY(link->append(std::as_bytes(std::span(target))));
  return insert(way, link);
}

Result<> FileSystem::mount(std::string_view path, const Ref<Inode>& inode) {
  return insert(TRY(walk({path, root_}, LastLink::itself)), inode);
}

Result<std::pair<Ref<File>, Ref<File>>> FileSystem::make_pipe(std::uint32_t flags) {
  const auto pipe = Ref<Pipe>::adopt(TRY(slabs.make<Pipe>(*this, abi::s_ififo | 0600)));
  Ref<File> reader = TRY(pipe->open(slabs, abi::o_rdonly | flags));
  Ref<File> writer = TRY(pipe->open(slabs, abi::o_wronly | flags));
  return std::pair(std::move(reader), std::move(writer));
}

}  // namespace ox
