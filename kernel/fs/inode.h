// What a path names: the base of all inodes. The path walk (FileSystem) knows no more than this.
//
// Inodes of the in-memory file system derive from it (memory_inode.h). So does what is made up when it is asked for, as
// /proc is: such an inode derives from Inode, answers what its type is asked (a directory find(), list(), parent() and
// name(); a link target(); a file read()), comes from Kernel::slabs, and
// its root is put into the tree with FileSystem::mount(). What it does not answer stays refused as below. find() may
// make a new inode each time; status().st_ino is what tells users which are the same.
//
// Held by counted references. Locks: none here. status() of a mounted root may be called with the file system's lock
// held; nothing else is called with any.
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

// Changes to what stat(2) shows; what is not named stays.
struct AttributeChange {
  std::optional<std::uint32_t> permissions{};
  std::optional<std::uint32_t> uid{};
  std::optional<std::uint32_t> gid{};
  std::optional<abi::timespec> accessed{};
  std::optional<abi::timespec> modified{};
};

// Takes directory entries as getdents64 hands them out.
class DirectoryWriter {
 public:
  explicit DirectoryWriter(std::span<std::byte> room) : room_(room) {}

  // False: there is no room left for it. `next` is the cursor that the listing goes on with behind this entry, `mode`
  // the file's, of which the type is shown.
  bool add(std::string_view name, std::uint64_t ino, std::uint32_t mode, std::uint64_t next);
  std::span<const std::byte> written() const { return room_.first(size_); }
  // There would have been more.
  bool full() const { return full_; }

  // Entries from this cursor on are left out; set when the listing begins.
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
  // Adds entries from `cursor` on, until there is no more or no more room, and moves the cursor behind the last one
  // that was added. File::list() has done "." and "..", cursors 0 and 1.
  static constexpr std::uint64_t first_entry = 2;
  virtual Result<> list(std::uint64_t& /*cursor*/, DirectoryWriter&) { return Errno::enotdir; }

  // --- where it stands: the directory, and the name there, put into `room`. Errno::enoent: nowhere any more.
  virtual Result<Ref<Inode>> parent() { return Errno::enoent; }
  virtual Result<std::string_view> name(std::span<char> /*room*/) { return Errno::enoent; }

  // --- a symbolic link: the text, put into `room`.
  virtual Result<std::string_view> target(std::span<char> /*room*/) { return Errno::einval; }
  // Of a link that leads to an inode, whatever its name is by now (Linux: nd_jump_link): that one. Null: the text says.
  virtual Result<Ref<Inode>> leads_to() { return Ref<Inode>(); }

  // --- contents. How many bytes were moved, at `offset`; with `append` at the end, which `offset` then says.
  virtual Result<std::uint64_t> read(UserBytes&, std::uint64_t /*offset*/) {
    return is_directory() ? Errno::eisdir : Errno::einval;
  }
  virtual Result<std::uint64_t> write(UserBytes&, std::uint64_t& /*offset*/, bool /*append*/) { return Errno::einval; }
  virtual Result<> truncate(std::uint64_t /*size*/) { return is_directory() ? Errno::eisdir : Errno::einval; }

  // Whether it has places, so that offsets mean something. Else no offset is looked at, and reading may wait.
  virtual bool seekable() const { return true; }
  virtual std::uint32_t poll() { return abi::pollin | abi::pollout; }
  virtual Result<> ioctl(AddressSpace&, std::uint64_t /*request*/, VirtAddr /*argument*/) { return Errno::enotty; }

  // --- mmap: where the pages of a mapping come from; the mapping says whether it is shared.
  virtual Result<Ref<PageSource>> pages(bool /*shared*/) { return Errno::enodev; }
  Result<FrameRef> page(std::uint64_t /*index*/) override { return Errno::enodev; }

  virtual Result<> change(const AttributeChange&) { return Errno::eperm; }
  // A new open file, of these o_ flags, that reads and writes by the functions above; pipes give others.
  virtual Result<Ref<File>> open(Slabs& slabs, std::uint32_t flags);

  // As what the in-memory file system has; null for what is not of it, or of another kind.
  virtual MemoryInode* in_memory() { return nullptr; }
  virtual Directory* directory() { return nullptr; }
  virtual RegularFile* regular() { return nullptr; }

  void dispose() override { delete this; }
  static void operator delete(void* inode) { Slabs::free(inode); }

  FileLocks locks;
  Atomic<int> uses{0};  // how often it is open for writing; below 0: how often it is executed (Linux: i_writecount)

 protected:
  virtual ~Inode() = default;
  explicit Inode(std::uint32_t mode) : type_(mode & abi::s_ifmt) {}

 private:
  const std::uint32_t type_;
};

}  // namespace ox
