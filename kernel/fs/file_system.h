// The file system: a tree of inodes in memory, filled from the initramfs at boot. Read-only for users.
//
// Owns: all inodes, through the root; the slabs they come from. Lock: guards every directory's entries.
// Fails: Errno::enomem, and Linux's errors for paths (enoent, enotdir, enametoolong, eloop); erofs to who wants to
// write.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fs/inode.h"
#include "fs/open_file.h"
#include "lib/format.h"
#include "vm/slab.h"

namespace ox {

enum class LastLink : bool { keep, follow };  // what a path does at a symbolic link in its last place

class FileSystem {
 public:
  explicit FileSystem(Frames& frames);

  // Makes the root directory.
  Result<> start();

  const Ref<Inode>& root() const { return root_; }

  // What `path` names, from `base` unless it starts with `/`. Errno::eloop after 40 symbolic links, or 8 of which each
  // leads on from the middle of the one before (a link for each took stack).
  Result<Ref<Inode>> lookup(std::string_view path, const Ref<Inode>& base, LastLink last = LastLink::follow);
  // The other way round: the path from the root to `inode`, in `buffer`.
  Result<std::string_view> path_of(const Inode& inode, std::span<char> buffer);
  // Linux: openat(2), with o_ flags.
  Result<Ref<File>> open(std::string_view path, const Ref<Inode>& base, std::uint32_t flags);

  // A new inode of `mode` (type and permissions) at `path` from the root; directories on the way are made. A directory
  // that is there already is the answer; anything else there is Errno::eexist.
  Result<Ref<Inode>> make(std::string_view path, std::uint32_t mode);
  // A device at `path`: opening it gives `file`.
  Result<> make_device(std::string_view path, Ref<File> file);

  // Unpacks a newc cpio archive (unpack.cpp). False: `message` says what is wrong, with the file's name; what came
  // before it is there.
  bool unpack(std::span<const std::byte> archive, TextSink& message);

 private:
  friend class Inode;

  Result<Ref<Inode>> walk(std::string_view path, const Ref<Inode>& base, LastLink last, unsigned& links,
                          unsigned depth);
  Result<Ref<Inode>> find(Inode& directory, std::string_view name);
  Result<Ref<Inode>> add(Inode& directory, std::string_view name, std::uint32_t mode);

  Frames& frames_;
  Slab<Inode> inode_slab_;
  Slab<DirectoryEntry> entry_slab_;
  Slab<OpenFile> open_file_slab_;
  SpinLock lock_{LockRank::object};
  Ref<Inode> root_;
};

}  // namespace ox
