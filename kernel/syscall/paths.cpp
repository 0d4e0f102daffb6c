// Paths: opening, what stands there, and changing the tree.
#include <optional>
#include <utility>

#include "syscall/call.h"

namespace ox {

namespace {

// A path in a page of its own, and the directory that it starts from.
struct Place {
  FrameRef page;
  PathAt at;
};

// What arguments n and n + 1 say: a directory's descriptor, which an absolute path does not need, and a path.
Result<Place> place(Call& call, unsigned n) {
  PathPage path = TRY(call.path(n + 1));
  Ref<Inode> base = call.self.cwd;
  if (call.integer(n) != abi::at_fdcwd && !path.text.starts_with('/')) {
    base = TRY(call.inode(n));
    if (!base->is_directory()) return Errno::enotdir;
  }
  return Place{std::move(path.page), {path.text, std::move(base)}};
}

// What stands at that place. With AT_EMPTY_PATH, what the descriptor alone names.
Result<Ref<Inode>> named(Call& call, unsigned n, std::uint32_t flags) {
  if ((flags & abi::at_empty_path) != 0 && TRY(call.path(n + 1)).text.empty()) {
    if (call.integer(n) == abi::at_fdcwd) return call.self.cwd;
    return call.inode(n);
  }
  const LastLink last = (flags & abi::at_symlink_nofollow) != 0 ? LastLink::keep : LastLink::follow;
  return call.kernel.fs.lookup(TRY(place(call, n)).at, last);
}

// Something new there.
Answer make(Call& call, unsigned n, std::uint32_t mode) {
  return done(call.kernel.fs.make(TRY(place(call, n)).at, mode & ~call.self.umask));
}

Answer change(const Ref<Inode>& inode, const AttributeChange& change) { return done(inode->change(change)); }

// For chown: -1 leaves it as it is.
std::optional<std::uint32_t> id(Call& call, unsigned n) {
  return call.integer(n) == -1 ? std::nullopt : std::optional(call.flags(n));
}

// root may do everything but run what nobody may.
Answer access(Call& call, std::uint32_t flags) {
  const Ref<Inode> inode = TRY(named(call, 0, flags));
  const std::uint32_t wanted = call.flags(2);
  if ((wanted & ~7u) != 0) return Errno::einval;
  const bool denied = (wanted & 1) != 0 && !inode->is_directory() && (inode->status().st_mode & 0111) == 0;
  return denied ? Answer(Errno::eacces) : 0;
}

}  // namespace

Answer sys_openat(Call& call) {
  const std::uint32_t flags = call.flags(2);
  const std::uint32_t permissions = call.flags(3) & abi::permission_bits & ~call.self.umask;
  Ref<File> file = TRY(call.kernel.fs.open(TRY(place(call, 0)).at, flags, permissions));
  return TRY(call.self.files.add(std::move(file), (flags & abi::o_cloexec) != 0));
}

Answer sys_newfstatat(Call& call) {
  return done(call.space().write_user(call.pointer(2), TRY(named(call, 0, call.flags(3)))->status()));
}

Answer sys_faccessat(Call& call) { return access(call, 0); }

Answer sys_faccessat2(Call& call) {
  constexpr std::uint32_t known = abi::at_eaccess | abi::at_symlink_nofollow | abi::at_empty_path;
  return (call.flags(3) & ~known) == 0 ? access(call, call.flags(3)) : Errno::einval;
}

// As much of the target as there is room for, without a 0.
Answer sys_readlinkat(Call& call) {
  const PathPage path = TRY(call.path(1));
  if (call.integer(3) <= 0) return Errno::einval;
  std::string_view text = TRY(TRY(named(call, 0, abi::at_symlink_nofollow))->target(path.room()));
  text = text.substr(0, call.flags(3));
  TRY(call.space().copy_out(call.pointer(2), std::as_bytes(std::span(text))));
  return text.size();
}

Answer sys_mkdirat(Call& call) { return make(call, 0, abi::s_ifdir | (call.flags(2) & 01777)); }

Answer sys_mknodat(Call& call) {
  const std::uint32_t mode = call.flags(2) & (abi::s_ifmt | abi::permission_bits);
  if ((mode & abi::s_ifmt) == abi::s_ifdir) return Errno::eperm;
  return make(call, 0, (mode & abi::s_ifmt) == 0 ? mode | abi::s_ifreg : mode);
}

Answer sys_symlinkat(Call& call) {
  const PathPage target = TRY(call.path(0));
  return done(call.kernel.fs.make_symlink(TRY(place(call, 1)).at, target.text));
}

Answer sys_linkat(Call& call) {
  const std::uint32_t flags = call.flags(4);
  if ((flags & ~(abi::at_symlink_follow | abi::at_empty_path)) != 0) return Errno::einval;
  const std::uint32_t last = (flags & abi::at_symlink_follow) != 0 ? 0 : abi::at_symlink_nofollow;
  const Ref<Inode> inode = TRY(named(call, 0, last | (flags & abi::at_empty_path)));
  return done(call.kernel.fs.link(inode, TRY(place(call, 2)).at));
}

Answer sys_unlinkat(Call& call) {
  const std::uint32_t flags = call.flags(2);
  if ((flags & ~abi::at_removedir) != 0) return Errno::einval;
  const Place there = TRY(place(call, 0));
  return done(call.kernel.fs.remove(there.at, flags != 0));
}

Answer sys_renameat2(Call& call) {
  const std::uint32_t flags = call.flags(4);
  if ((flags & ~abi::rename_noreplace) != 0) return Errno::einval;
  const Place old_place = TRY(place(call, 0));
  return done(call.kernel.fs.rename(old_place.at, TRY(place(call, 2)).at, flags == 0));
}

Answer sys_fchmod(Call& call) {
  return change(TRY(call.inode(0)), {.permissions = call.flags(1) & abi::permission_bits});
}

Answer sys_fchmodat(Call& call) {
  return change(TRY(named(call, 0, 0)), {.permissions = call.flags(2) & abi::permission_bits});
}

Answer sys_fchown(Call& call) { return change(TRY(call.inode(0)), {.uid = id(call, 1), .gid = id(call, 2)}); }

Answer sys_fchownat(Call& call) {
  const std::uint32_t flags = call.flags(4);
  if ((flags & ~(abi::at_symlink_nofollow | abi::at_empty_path)) != 0) return Errno::einval;
  return change(TRY(named(call, 0, flags)), {.uid = id(call, 2), .gid = id(call, 3)});
}

// No times: now. No path: the descriptor's file.
Answer sys_utimensat(Call& call) {
  const std::uint32_t flags = call.flags(3);
  if ((flags & ~(abi::at_symlink_nofollow | abi::at_empty_path)) != 0) return Errno::einval;
  std::array<std::optional<abi::timespec>, 2> times{call.kernel.fs.now(), call.kernel.fs.now()};
  for (unsigned i = 0; i < times.size() && call.arg(2) != 0; ++i) {
    const auto time = TRY(call.space().read_user<abi::timespec>(call.pointer(2) + i * sizeof(abi::timespec)));
    const bool special = time.tv_nsec == abi::utime_now || time.tv_nsec == abi::utime_omit;
    if (!special && (time.tv_nsec < 0 || time.tv_nsec > 999'999'999)) return Errno::einval;
    if (time.tv_nsec == abi::utime_omit) times[i].reset();
    if (!special) times[i] = time;
  }
  if (call.arg(1) == 0 && call.integer(0) == abi::at_fdcwd) return Errno::efault;
  const Ref<Inode> inode = call.arg(1) == 0 ? TRY(call.inode(0)) : TRY(named(call, 0, flags));
  return change(inode, {.accessed = times[0], .modified = times[1]});
}

Answer sys_umask(Call& call) { return std::exchange(call.self.umask, call.flags(0) & 0777); }

namespace {

Answer go_to(Call& call, Ref<Inode> inode) {
  if (!inode->is_directory()) return Errno::enotdir;
  call.self.cwd = std::move(inode);
  return 0;
}

}  // namespace

Answer sys_chdir(Call& call) {
  return go_to(call, TRY(call.kernel.fs.lookup({TRY(call.path(0)).text, call.self.cwd})));
}

Answer sys_fchdir(Call& call) { return go_to(call, TRY(call.inode(0))); }

// With its 0.
Answer sys_getcwd(Call& call) {
  const FrameRef page = TRY(FrameRef::make(call.kernel.memory.frames, FrameKind::kernel));
  const std::span room(reinterpret_cast<char*>(page.bytes()), page_size);
  room.back() = 0;
  const std::uint64_t size = TRY(call.kernel.fs.path_of(call.self.cwd, room.first(page_size - 1))).size() + 1;
  if (size > call.arg(1)) return Errno::erange;
  TRY(call.space().copy_out(call.pointer(0), std::as_bytes(room.last(size))));
  return size;
}

Answer sys_statfs(Call& call) {
  const Ref<Inode> inode = TRY(call.kernel.fs.lookup({TRY(call.path(0)).text, call.self.cwd}));
  return done(call.space().write_user(call.pointer(1), call.kernel.fs.status(inode.get())));
}

}  // namespace ox
