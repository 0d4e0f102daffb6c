// The file system: a tree of inodes in memory, filled from the initramfs at boot. Paths are walked through it and
// through everything mounted in it.
//
// Owns: all its inodes, through the root.
// Locks: `lock_` guards the entries of all directories, and the entries that name each inode. A walk holds it only for
// each step, so names may change behind it. Every operation that changes names looks them up again under the lock.
// status() of a mounted root is called with the lock held.
// Fails: Errno::enospc beyond limit(), Errno::enomem, and Linux's errors for paths and names.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "fs/file.h"
#include "fs/memory_inode.h"
#include "fs/name_table.h"
#include "fs/pipe.h"
#include "fs/regular_file.h"
#include "lib/format.h"

namespace ox {

// How a walk treats a symbolic link that is the last name of the path. `follow`: follows the link. `keep`: follows it
// only if a slash comes after the name. `itself`: never follows it.
enum class LastLink : std::uint8_t { keep, follow, itself };

// A path. It starts at `base`, unless it begins with `/`.
struct PathAt {
  std::string_view path;
  Ref<Inode> base;
};

// The result of a walk.
struct Way {
  Ref<Inode> directory;   // in which the last name is looked up
  std::string_view name;  // the last name; empty for the root
  bool slash = false;     // a slash comes after it
  Ref<Inode> inode;       // the inode with that name; null: there is none
  FrameRef page;          // holds targets of links on the way, to which `name` may point
};

class FileSystem {
 public:
  static constexpr std::uint64_t device_number = 1;  // st_dev of everything in it

  // `timebase`: ticks of the time CSR in a second.
  FileSystem(Memory& its_memory, Slabs& its_slabs, std::uint64_t timebase)
      : memory(its_memory), slabs(its_slabs), timebase_(timebase) {}

  // Makes the root directory.
  Result<> start();

  const Ref<Inode>& root() const { return root_; }

  // --- walk.cpp. Errno::eloop after 40 symbolic links. walk() succeeds if only the last name is missing.
  Result<Way> walk(const PathAt& at, LastLink last);
  // The inode that the path names. Errno::enoent: there is none.
  Result<Ref<Inode>> lookup(const PathAt& at, LastLink last = LastLink::follow);
  // The path from the root to `inode`, built in `buffer`. Errno::enoent: the inode has no name any more.
  Result<std::string_view> path_of(const Ref<Inode>& inode, std::span<char> buffer);

  // --- file_system.cpp. Linux: openat(2). `flags`: o_ flags; `permissions`: those of a new file.
  Result<Ref<File>> open(const PathAt& at, std::uint32_t flags, std::uint32_t permissions = 0);
  // Makes a directory, a regular file or a FIFO, as the type in `mode` says. Errno::eperm for other types.
  Result<Ref<Inode>> make(const PathAt& at, std::uint32_t mode);
  // Makes a file of `size` zeros without a name, and returns the source of pages for a shared mapping of it.
  Result<Ref<PageSource>> make_shared_memory(std::uint64_t size);
  Result<> make_symlink(const PathAt& at, std::string_view target);
  // Puts `inode`, a device or the root of another tree, at `path`, where nothing may be yet.
  Result<> mount(std::string_view path, const Ref<Inode>& inode);
  // Makes a pipe, and returns its read end and its write end. Linux: pipe2(2). `flags`: O_NONBLOCK.
  Result<std::pair<Ref<File>, Ref<File>>> make_pipe(std::uint32_t flags);

  // --- names.cpp
  Result<> link(const Ref<Inode>& inode, const PathAt& at);
  // Linux: unlinkat(2); `directory`: AT_REMOVEDIR. Errno::ebusy if something is mounted there.
  Result<> remove(const PathAt& at, bool directory);
  // Linux: renameat2(2). `replace`: an existing target is replaced (no RENAME_NOREPLACE).
  Result<> rename(const PathAt& from, const PathAt& to, bool replace);

  // Sets the limits from the memory that is free now (Linux: tmpfs): files may take half of it, and there may be one
  // more name for every two free frames. So enough memory is left to remove files again.
  void limit();

  abi::timespec now() const;
  // Linux: statfs(2), for the file system that the inode is in.
  abi::statfs status(Inode* inode) const;

  // Unpacks a newc cpio archive (unpack.cpp). On failure `message` says what is wrong with which file; the files before
  // it have been made.
  Result<> unpack(std::span<const std::byte> archive, TextSink& message);

  Memory& memory;   // for the pages of files
  Slabs& slabs;     // for inodes and open files
  PollQueue polls;  // threads that wait until a file is ready

 private:
  friend class MemoryInode;
  friend class Directory;

  Result<Ref<Inode>> step(const Ref<Inode>& from, std::string_view name);
  Result<std::string_view> expand(FrameRef& page, Inode& link, std::string_view rest);
  Result<Ref<Inode>> new_inode(std::uint32_t mode);
  Result<> insert(const Way& way, const Ref<Inode>& inode);
  void drop_entry(DirectoryEntry& entry) REQUIRES(lock_);
  static bool lies_in(const Directory& inner, const Directory& outer);
  Result<> may_move(const DirectoryEntry& entry, const Directory& to, const DirectoryEntry* other) REQUIRES(lock_);
  std::uint64_t next_ino() { return last_ino_.fetch_add(1, relaxed) + 1; }

  const std::uint64_t timebase_;
  FileRoom room_;
  SpinLock lock_{LockRank::names};
  NameTable table_;
  std::uint64_t names_ = 0;  // in all directories; guarded by lock_
  std::uint64_t most_names_ = ~std::uint64_t{0};
  Ref<Inode> root_;
  Atomic<std::uint64_t> last_ino_{0};
};

}  // namespace ox
