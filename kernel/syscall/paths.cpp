// Calls on paths: opening files, reading attributes, changing the tree.
#include <optional>
#include <utility>

#include "fs/file_system.h"
#include "syscall/call.h"

namespace ox {

namespace {

// A path in a page of its own, and the directory that it starts from.
struct Place {
  FrameRef page;
  PathAt at;
};

// The place that a directory's descriptor and a path name. An absolute path ignores the descriptor.
Result<Place> place(Call call, int dirfd, VirtAddr path_at) {
  PathPage path = TRY(call.path(path_at));
  if (path.text.empty()) return Errno::enoent;
  Ref<Inode> base = call.self.cwd;
  if (dirfd != abi::at_fdcwd && !path.text.starts_with('/')) {
    base = TRY(call.inode(static_cast<std::uint32_t>(dirfd)));
    if (!base->is_directory()) return Errno::enotdir;
  }
  return Place{std::move(path.page), {path.text, std::move(base)}};
}

// The inode at that place. With AT_EMPTY_PATH and an empty path, the descriptor's inode.
Result<Ref<Inode>> named(Call call, int dirfd, VirtAddr path, std::uint32_t flags) {
  if ((flags & abi::at_empty_path) != 0 && TRY(call.path(path)).text.empty()) {
    if (dirfd == abi::at_fdcwd) return call.self.cwd;
    return call.inode(static_cast<std::uint32_t>(dirfd));
  }
  const LastLink last = (flags & abi::at_symlink_nofollow) != 0 ? LastLink::keep : LastLink::follow;
  return call.kernel().fs.lookup(TRY(place(call, dirfd, path)).at, last);
}

// Makes a file, directory or FIFO at that place.
Answer make(Call call, int dirfd, VirtAddr path, std::uint32_t mode) {
  TRY(call.kernel().fs.make(TRY(place(call, dirfd, path)).at, mode & ~call.self.umask));
  return 0;
}

Answer change(const Ref<Inode>& inode, const AttributeChange& change) { return inode->change(change); }

// For chown(2): an id of -1 changes nothing.
std::optional<std::uint32_t> changed(std::uint32_t id) {
  return id == ~std::uint32_t{0} ? std::nullopt : std::optional(id);
}

// Root may do everything, except execute a file without any execute permission.
Answer access(Call call, int dirfd, VirtAddr path, std::uint32_t mode, std::uint32_t flags) {
  if ((mode & ~7u) != 0) return Errno::einval;
  const Ref<Inode> inode = TRY(named(call, dirfd, path, flags));
  const bool denied = (mode & 1) != 0 && !inode->is_directory() && (inode->status().st_mode & 0111) == 0;
  return denied ? Answer(Errno::eacces) : 0;
}

Answer go_to(Call call, Ref<Inode> inode) {
  if (!inode->is_directory()) return Errno::enotdir;
  call.self.cwd = std::move(inode);
  return 0;
}

}  // namespace

// Ignores O_NOCTTY, O_LARGEFILE, O_SYNC, O_DSYNC and O_NOATIME, because ox always behaves as they ask. Unknown bits are
// ignored on Linux too.
Answer sys_openat(Call call, int dirfd, VirtAddr path, std::uint32_t flags, std::uint32_t mode) {
  constexpr std::uint32_t absent = abi::o_direct | abi::o_path;
  constexpr std::uint32_t new_directory = abi::o_creat | abi::o_directory;
  if ((flags & abi::o_tmpfile) != 0) return Errno::eopnotsupp;
  if ((flags & absent) != 0 || (flags & new_directory) == new_directory) return Errno::einval;
  if ((flags & abi::o_accmode) == abi::o_accmode) return Errno::einval;
  // Without a free descriptor, fail before a file is made or truncated.
  (void)TRY(call.self.files.lowest_free(0, call.self.limits.files.rlim_cur));
  const std::uint32_t permissions = mode & abi::permission_bits & ~call.self.umask;
  Ref<File> file = TRY(call.kernel().fs.open(TRY(place(call, dirfd, path)).at, flags, permissions));
  return TRY(call.add_file(std::move(file), (flags & abi::o_cloexec) != 0));
}

Answer sys_newfstatat(Call call, int dirfd, VirtAddr path, VirtAddr status, std::uint32_t flags) {
  constexpr std::uint32_t known = abi::at_symlink_nofollow | abi::at_no_automount | abi::at_empty_path;
  if ((flags & ~known) != 0) return Errno::einval;
  return call.space().write_user(status, TRY(named(call, dirfd, path, flags))->status());
}

Answer sys_faccessat(Call call, int dirfd, VirtAddr path, std::uint32_t mode) {
  return access(call, dirfd, path, mode, 0);
}

Answer sys_faccessat2(Call call, int dirfd, VirtAddr path, std::uint32_t mode, std::uint32_t flags) {
  constexpr std::uint32_t known = abi::at_eaccess | abi::at_symlink_nofollow | abi::at_empty_path;
  return (flags & ~known) == 0 ? access(call, dirfd, path, mode, flags) : Errno::einval;
}

// Copies as much of the target as there is room for, without a 0 at the end.
Answer sys_readlinkat(Call call, int dirfd, VirtAddr path, VirtAddr to, int size) {
  const PathPage page = TRY(call.path(path));
  if (size <= 0) return Errno::einval;
  std::string_view text = TRY(TRY(named(call, dirfd, path, abi::at_symlink_nofollow))->target(page.room()));
  text = text.substr(0, static_cast<std::size_t>(size));
  TRY(call.space().copy_out(to, std::as_bytes(std::span(text))));
  return text.size();
}

Answer sys_mkdirat(Call call, int dirfd, VirtAddr path, std::uint32_t mode) {
  return make(call, dirfd, path, abi::s_ifdir | (mode & 01777));
}

Answer sys_mknodat(Call call, int dirfd, VirtAddr path, std::uint32_t mode) {
  const std::uint32_t type = mode & abi::s_ifmt;
  if (type == abi::s_ifdir) return Errno::eperm;
  if (type == abi::s_iflnk) return Errno::einval;
  return make(call, dirfd, path, (type == 0 ? abi::s_ifreg : type) | (mode & abi::permission_bits));
}

Answer sys_symlinkat(Call call, VirtAddr target, int dirfd, VirtAddr path) {
  const PathPage text = TRY(call.path(target));
  return call.kernel().fs.make_symlink(TRY(place(call, dirfd, path)).at, text.text);
}

Answer sys_linkat(Call call, int old_dirfd, VirtAddr old_path, int new_dirfd, VirtAddr new_path, std::uint32_t flags) {
  if ((flags & ~(abi::at_symlink_follow | abi::at_empty_path)) != 0) return Errno::einval;
  const std::uint32_t last = (flags & abi::at_symlink_follow) != 0 ? 0 : abi::at_symlink_nofollow;
  const Ref<Inode> inode = TRY(named(call, old_dirfd, old_path, last | (flags & abi::at_empty_path)));
  return call.kernel().fs.link(inode, TRY(place(call, new_dirfd, new_path)).at);
}

// May use the reserve of frames for the path, so that files can be removed when memory is full. The flag belongs to the
// hart, and nothing here sleeps.
Answer sys_unlinkat(Call call, int dirfd, VirtAddr path, std::uint32_t flags) {
  if ((flags & ~abi::at_removedir) != 0) return Errno::einval;
  const bool before = std::exchange(this_hart().may_use_reserve, true);
  const auto removed = [&]() -> Result<> {
    return call.kernel().fs.remove(TRY(place(call, dirfd, path)).at, flags != 0);
  }();
  this_hart().may_use_reserve = before;
  return removed;
}

Answer sys_renameat2(Call call, int old_dirfd, VirtAddr old_path, int new_dirfd, VirtAddr new_path,
                     std::uint32_t flags) {
  if ((flags & ~abi::rename_noreplace) != 0) return Errno::einval;
  const Place old_place = TRY(place(call, old_dirfd, old_path));
  return call.kernel().fs.rename(old_place.at, TRY(place(call, new_dirfd, new_path)).at, flags == 0);
}

Answer sys_fchmod(Call call, std::uint32_t fd, std::uint32_t mode) {
  return change(TRY(call.inode(fd)), {.permissions = mode & abi::permission_bits});
}

Answer sys_fchmodat(Call call, int dirfd, VirtAddr path, std::uint32_t mode) {
  return change(TRY(named(call, dirfd, path, 0)), {.permissions = mode & abi::permission_bits});
}

Answer sys_fchown(Call call, std::uint32_t fd, std::uint32_t owner, std::uint32_t group) {
  return change(TRY(call.inode(fd)), {.uid = changed(owner), .gid = changed(group)});
}

Answer sys_fchownat(Call call, int dirfd, VirtAddr path, std::uint32_t owner, std::uint32_t group,
                    std::uint32_t flags) {
  if ((flags & ~(abi::at_symlink_nofollow | abi::at_empty_path)) != 0) return Errno::einval;
  return change(TRY(named(call, dirfd, path, flags)), {.uid = changed(owner), .gid = changed(group)});
}

// A null `new_times` sets both times to now. A null `path` means the descriptor's file.
Answer sys_utimensat(Call call, int dirfd, VirtAddr path, VirtAddr new_times, std::uint32_t flags) {
  if ((flags & ~(abi::at_symlink_nofollow | abi::at_empty_path)) != 0) return Errno::einval;
  std::array<abi::timespec, 2> times{{{.tv_nsec = abi::utime_now}, {.tv_nsec = abi::utime_now}}};
  if (new_times != VirtAddr()) times = TRY(call.space().read_user<decltype(times)>(new_times));
  if (times[0].tv_nsec == abi::utime_omit && times[1].tv_nsec == abi::utime_omit) return 0;
  const bool no_path = path == VirtAddr();
  if (no_path && dirfd == abi::at_fdcwd) return Errno::efault;
  const Ref<Inode> inode =
      no_path ? TRY(call.inode(static_cast<std::uint32_t>(dirfd))) : TRY(named(call, dirfd, path, flags));
  const abi::timespec now = call.kernel().fs.now();
  std::array<std::optional<abi::timespec>, 2> stamps;
  for (unsigned i = 0; i < times.size(); ++i) {
    const std::int64_t fraction = times[i].tv_nsec;
    const bool special = fraction == abi::utime_now || fraction == abi::utime_omit;
    if (!special && (fraction < 0 || fraction > 999'999'999)) return Errno::einval;
    if (fraction != abi::utime_omit) stamps[i] = fraction == abi::utime_now ? now : times[i];
  }
  return change(inode, {.accessed = stamps[0], .modified = stamps[1]});
}

Answer sys_umask(Call call, std::uint32_t mask) { return std::exchange(call.self.umask, mask & 0777); }

Answer sys_chdir(Call call, VirtAddr path) {
  return go_to(call, TRY(call.kernel().fs.lookup({TRY(call.path(path)).text, call.self.cwd})));
}

Answer sys_fchdir(Call call, std::uint32_t fd) { return go_to(call, TRY(call.inode(fd))); }

// Returns the size of the path with its 0.
Answer sys_getcwd(Call call, VirtAddr to, std::uint64_t room_there) {
  const FrameRef page = TRY(FrameRef::make(call.kernel().memory.frames, FrameKind::kernel));
  const std::span room(reinterpret_cast<char*>(page.bytes()), page_size);
  room.back() = 0;
  const std::uint64_t size = TRY(call.kernel().fs.path_of(call.self.cwd, room.first(page_size - 1))).size() + 1;
  if (size > room_there) return Errno::erange;
  TRY(call.space().copy_out(to, std::as_bytes(room.last(size))));
  return size;
}

Answer sys_truncate(Call call, VirtAddr path, std::int64_t size) {
  return truncate_inode(call, *TRY(named(call, abi::at_fdcwd, path, 0)), size);
}

Answer sys_statfs(Call call, VirtAddr path, VirtAddr status) {
  const Ref<Inode> inode = TRY(call.kernel().fs.lookup({TRY(call.path(path)).text, call.self.cwd}));
  return call.space().write_user(status, call.kernel().fs.status(inode.get()));
}

}  // namespace ox
