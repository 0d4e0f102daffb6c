// The base class of all inodes: the objects that paths name. The path walk (FileSystem) uses only this interface.
//
// Inodes of the in-memory file system derive from it (memory_inode.h). So do inodes whose contents are made when they
// are read, as in /proc. Such a class overrides the functions of its type: a directory find(), list(), parent() and
// name(), a link target(), a file read(). The others fail as below. Its inodes are made in Kernel::slabs, and
// FileSystem::mount() puts its root into the tree. find() may make a new inode each time; users compare
// status().st_ino to see which inodes are the same.
//
// Held by counted references. Locks: none here. status() of a mounted root may be called with the file system's lock
// held; all other functions are called without locks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "abi/file.h"
#include "fs/file_locks.h"
#include "fs/user_bytes.h"
#include "lib/result.h"
#include "objects/slab.h"
#include "sync/ref.h"

namespace ox {

class Directory;
class File;
class FileSystem;
class MemoryInode;
class RegularFile;

// Changes to the attributes that stat(2) shows. An empty member changes nothing.
struct AttributeChange {
  std::optional<std::uint32_t> permissions{};
  std::optional<std::uint32_t> uid{};
  std::optional<std::uint32_t> gid{};
  std::optional<abi::timespec> accessed{};
  std::optional<abi::timespec> modified{};
};

// Collects directory entries in the format of getdents64(2).
class DirectoryWriter {
 public:
  explicit DirectoryWriter(std::span<std::byte> room) : room_(room) {}

  // Adds an entry. False: there is no room for it. `next` is the cursor with which the listing continues after this
  // entry; of the file's `mode` only the type is used.
  bool add(std::string_view name, std::uint64_t ino, std::uint32_t mode, std::uint64_t next);
  std::span<const std::byte> written() const { return room_.first(size_); }
  // Whether an entry has found no room.
  bool full() const { return full_; }

  // The listing leaves out entries from this cursor on. Set when the listing begins.
  std::uint64_t end = ~std::uint64_t{0};

 private:
  std::span<std::byte> room_;
  std::size_t size_ = 0;
  bool full_ = false;
};

class Inode : public PageSource {
 public:
  std::uint32_t type() const { return type_; }  // as in st_mode; never changes
  bool is_directory() const { return type_ == abi::s_ifdir; }
  bool is_symlink() const { return type_ == abi::s_iflnk; }
  virtual abi::stat status() const = 0;

  // --- a directory. `name` is neither "." nor "..". Errno::enoent: no such name.
  virtual Result<Ref<Inode>> find(std::string_view /*name*/) { return Errno::enotdir; }
  // Adds entries from `cursor` on, until there are no more or the room is full, and moves the cursor past the last one
  // added. File::list() adds "." and "..", which have the cursors 0 and 1.
  static constexpr std::uint64_t first_entry = 2;
  virtual Result<> list(std::uint64_t& /*cursor*/, DirectoryWriter&) { return Errno::enotdir; }

  // --- its place in the tree: the directory, and the name there, which is put into `room`. Errno::enoent: it has been
  // removed.
  virtual Result<Ref<Inode>> parent() { return Errno::enoent; }
  virtual Result<std::string_view> name(std::span<char> /*room*/) { return Errno::enoent; }

  // --- a symbolic link: its text, which is put into `room`.
  virtual Result<std::string_view> target(std::span<char> /*room*/) { return Errno::einval; }
  // The inode of a link that leads to an inode directly, not by its text (Linux: nd_jump_link). Null: the text decides.
  virtual Result<Ref<Inode>> leads_to() { return Ref<Inode>(); }

  // --- contents. read() and write() move bytes at `offset` and return how many. write() moves `offset` past them; with
  // `append` it writes at the end of the file.
  virtual Result<std::uint64_t> read(UserBytes&, std::uint64_t /*offset*/) {
    return is_directory() ? Errno::eisdir : Errno::einval;
  }
  virtual Result<std::uint64_t> write(UserBytes&, std::uint64_t& /*offset*/, bool /*append*/) { return Errno::einval; }
  virtual Result<> truncate(std::uint64_t /*size*/) { return is_directory() ? Errno::eisdir : Errno::einval; }

  // Whether reads and writes have an offset. If not, offsets are ignored, and a read may wait.
  virtual bool seekable() const { return true; }
  virtual std::uint32_t poll() { return abi::pollin | abi::pollout; }
  virtual Result<> ioctl(AddressSpace&, std::uint64_t /*request*/, VirtAddr /*argument*/) { return Errno::enotty; }

  // --- mmap: the source of pages for a mapping, which is shared or private.
  virtual Result<Ref<PageSource>> pages(bool /*shared*/) { return Errno::enodev; }
  Result<FrameRef> page(std::uint64_t /*index*/) override { return Errno::enodev; }

  virtual Result<> change(const AttributeChange&) { return Errno::eperm; }
  // Makes an open file with these o_ flags, which uses the functions above. Pipes make their own kind.
  virtual Result<Ref<File>> open(Slabs& slabs, std::uint32_t flags);

  // This inode as a type of the in-memory file system; null if it is of another type or another file system.
  virtual MemoryInode* in_memory() { return nullptr; }
  virtual Directory* directory() { return nullptr; }
  virtual RegularFile* regular() { return nullptr; }

  void dispose() override { delete this; }
  static void operator delete(void* inode) { Slabs::free(inode); }

  FileLocks locks;
  Atomic<int> uses{0};  // open files for writing; if negative, programs that execute it (Linux: i_writecount)

 protected:
  virtual ~Inode() = default;
  explicit Inode(std::uint32_t mode) : type_(mode & abi::s_ifmt) {}

 private:
  const std::uint32_t type_;
};

}  // namespace ox
