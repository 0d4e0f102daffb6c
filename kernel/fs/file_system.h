// The file system: a tree of inodes in memory, filled from the initramfs at boot, and the walk along a path through it
// and through what is mounted in it.
//
// Owns: all its inodes, through the root.
// Lock: `lock_` guards every directory's entries, and what entries name an inode. Of an inode that is found nothing is
// certain but that it exists: every change looks again, with the lock held, at the names it is about. What is mounted
// is asked for its status() with the lock held. Fails: Errno::enospc beyond limit(), enomem, and Linux's errors for
// paths and names.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "fs/file.h"
#include "fs/memory_inode.h"
#include "fs/pipe.h"
#include "fs/regular_file.h"
#include "lib/format.h"

namespace ox {

// What a path does at a symbolic link in its last place: `keep` follows it if a slash follows it, `itself` never.
enum class LastLink : std::uint8_t { keep, follow, itself };

// A path, from `base` unless it starts with `/`.
struct PathAt {
  std::string_view path;
  Ref<Inode> base;
};

// Where a path leads.
struct Way {
  Ref<Inode> directory;   // where its last name is looked up
  std::string_view name;  // that name; none for the root
  bool slash = false;     // a slash follows it
  Ref<Inode> inode;       // what stands there; null: nothing
  FrameRef page;          // the targets of links on the way: `name` may lie there
};

class FileSystem {
 public:
  static constexpr std::uint64_t device_number = 1;  // st_dev of everything in it

  // `timebase`: ticks of the time CSR a second.
  FileSystem(Memory& its_memory, Slabs& its_slabs, std::uint64_t timebase)
      : memory(its_memory), slabs(its_slabs), timebase_(timebase) {}

  // Makes the root directory.
  Result<> start();

  const Ref<Inode>& root() const { return root_; }

  // --- walk.cpp. Errno::eloop after 40 symbolic links.
  Result<Way> walk(const PathAt& at, LastLink last);
  // What the path names.
  Result<Ref<Inode>> lookup(const PathAt& at, LastLink last = LastLink::follow);
  // The other way round: the path from the root to `inode`, in `buffer`.
  Result<std::string_view> path_of(const Ref<Inode>& inode, std::span<char> buffer);

  // --- file_system.cpp. Linux: openat(2), with o_ flags; `permissions` are a new file's.
  Result<Ref<File>> open(const PathAt& at, std::uint32_t flags, std::uint32_t permissions = 0);
  // A new directory, regular file or fifo, as the type in `mode` says.
  Result<Ref<Inode>> make(const PathAt& at, std::uint32_t mode);
  // A file of zeros without a name, and where the pages of a shared mapping of it come from.
  Result<Ref<PageSource>> make_shared_memory(std::uint64_t size);
  Result<> make_symlink(const PathAt& at, std::string_view target);
  // `inode`, a device or the root of something else, stands at `path` from now on, where nothing was.
  Result<> mount(std::string_view path, const Ref<Inode>& inode);
  // Who reads and who writes. Linux: pipe2(2). `flags`: O_NONBLOCK.
  Result<std::pair<Ref<File>, Ref<File>>> make_pipe(std::uint32_t flags);

  // --- names.cpp
  Result<> link(const Ref<Inode>& inode, const PathAt& at);
  // Linux: unlinkat(2); `directory`: AT_REMOVEDIR. Errno::ebusy if something is mounted there.
  Result<> remove(const PathAt& at, bool directory);
  // Linux: renameat2(2); `replace`: what has the new name may go.
  Result<> rename(const PathAt& from, const PathAt& to, bool replace);

  // From now on files take at most half of the memory that is free now, and there are at most half as many more names
  // as there are free frames (Linux: tmpfs). So the rest is enough to remove them again.
  void limit();

  abi::timespec now() const;
  // Linux: statfs(2), of what the inode is in.
  abi::statfs status(Inode* inode) const;

  // Unpacks a newc cpio archive (unpack.cpp). False: `message` says what is wrong, with the file's name; what came
  // before it is there.
  Result<> unpack(std::span<const std::byte> archive, TextSink& message);

  Memory& memory;   // its files are made of
  Slabs& slabs;     // its inodes and open files are made of
  PollQueue polls;  // who waits for a file to be ready

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
  std::uint64_t names_ = 0;  // in all directories; the lock
  std::uint64_t most_names_ = ~std::uint64_t{0};
  Ref<Inode> root_;
  Atomic<std::uint64_t> last_ino_{0};
};

}  // namespace ox
