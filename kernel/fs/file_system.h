// The file system: a tree of inodes in memory, filled from the initramfs at boot. Read-only for users.
//
// Owns: all inodes, through the root; the slabs they come from. Lock: guards every directory's entries and the list of
// inodes.
// Fails: Errno::enomem, and Linux's errors for paths (enoent, enotdir, eloop after 40 links, enametoolong); erofs to
// who wants to write.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fs/inode.h"
#include "fs/open_file.h"
#include "lib/format.h"
#include "vm/memory.h"
#include "vm/slab.h"

namespace ox {

enum class LastLink : bool { keep, follow };  // what a path does at a symbolic link in its last place

class FileSystem {
 public:
  explicit FileSystem(Frames& frames);

  // Makes the root directory.
  Result<> start();

  Frames& frames() { return frames_; }
  const Ref<Inode>& root() const { return root_; }

  // What `path` names, from `base` unless it starts with `/`.
  Result<Ref<Inode>> lookup(std::string_view path, Inode& base, LastLink last = LastLink::follow);
  // Linux: openat(2), with o_ flags.
  Result<Ref<File>> open(std::string_view path, Inode& base, std::uint32_t flags);

  // A new inode of `mode` (type and permissions) at `path` from the root; directories on the way are made. A directory
  // that is there already is the answer; anything else there is Errno::eexist.
  Result<Ref<Inode>> make(std::string_view path, std::uint32_t mode);
  // A device at `path`: opening it gives `file`.
  Result<> make_device(std::string_view path, Ref<File> file);

  // Unpacks a newc cpio archive (unpack.cpp). False: `message` says what is wrong, with the file's name; what came
  // before it is there.
  bool unpack(std::span<const std::byte> archive, TextSink& message);

  // Calls f(ppn) for every page of every file: each is a handle of the kernel's (rule 1). For the checker, while nobody
  // else runs.
  template <class F>
  void for_each_page(F f) const NO_THREAD_SAFETY_ANALYSIS {
    for (const Inode* inode = inodes_.front(); inode != nullptr; inode = inodes_.after(*inode))
      inode->pages_.for_each(f);
  }

 private:
  friend class Inode;
  struct Walk;

  Result<Ref<Inode>> new_inode(std::uint32_t mode, Inode* parent);
  Result<Ref<Inode>> find(Inode& directory, std::string_view name);
  Result<> follow(Walk& walk, const Inode& link);
  Result<Ref<Inode>> add(Inode& directory, std::string_view name, std::uint32_t mode);

  Frames& frames_;
  Slab<Inode> inode_slab_;
  Slab<DirectoryEntry> entry_slab_;
  Slab<OpenFile> open_file_slab_;
  SpinLock lock_{LockRank::object};
  List<Inode, &Inode::hook_> inodes_ GUARDED_BY(lock_);
  std::uint64_t next_number_ GUARDED_BY(lock_) = 1;
  Ref<Inode> root_;
};

}  // namespace ox
