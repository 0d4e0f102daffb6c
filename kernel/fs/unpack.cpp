// Unpacks the initramfs: makes the files of an archive.

#include "fs/cpio.h"
#include "fs/file_system.h"

namespace ox {

namespace {

// The first name in the archive of the entry's inode, which may have several. The search ends at the entry itself at
// the latest.
std::string_view first_name(const CpioEntry& entry, CpioReader archive) {
  for (;;) {
    const CpioEntry other = **archive.next();
    if (other.is_same(entry)) return other.name;
  }
}

const char* reason(Errno error) {
  if (error == Errno::enomem || error == Errno::enospc) return "no memory left; give the machine more (-m)";
  if (error == Errno::efbig) return "larger than 512 GiB";
  if (error == Errno::eexist) return "the file that it is a link to has been replaced";
  if (error == Errno::enotempty) return "a directory of its name has files in it";
  if (error == Errno::enoent) return "its directory is not in the archive before it";
  if (error == Errno::enotdir) return "its directory is a file";
  if (error == Errno::enametoolong) return "the name is too long";
  return "unknown error";
}

// Makes the file of one entry. It replaces a file of the same name; a directory stays and gets the entry's permissions.
Result<> unpack_entry(FileSystem& fs, const CpioEntry& entry, CpioReader archive) {
  const PathAt at{entry.name, fs.root()};
  const std::uint32_t type = entry.mode & abi::s_ifmt;
  if (const auto old = fs.lookup(at, LastLink::itself)) {
    const bool directory = (*old)->is_directory();
    if (directory && type == abi::s_ifdir) return (*old)->change({.permissions = entry.mode & abi::permission_bits});
    TRY(fs.remove(at, directory));
  }
  if (type == abi::s_iflnk) {
    return fs.make_symlink(at, {reinterpret_cast<const char*>(entry.data.data()), entry.data.size()});
  }
  // The first name makes the inode, and later ones link to it. Only the last name has the data.
  const std::string_view first = entry.links > 1 ? first_name(entry, archive) : entry.name;
  if (type != abi::s_ifreg || first == entry.name) TRY(fs.make(at, entry.mode));
  if (type != abi::s_ifreg) return {};
  const Ref<Inode> file = TRY(fs.lookup({first, fs.root()}, LastLink::itself));
  if (file->type() != type) return Errno::eexist;
  if (first != entry.name) TRY(fs.link(file, at));
  return file->regular()->append(entry.data);
}

}  // namespace

Result<> FileSystem::unpack(std::span<const std::byte> archive, TextSink& message) {
  CpioReader reader(archive);
  for (;;) {
    const auto entry = reader.next();
    if (!entry) {
      format(message, "initramfs, byte {}: {}", reader.offset(), entry.error().reason);
      return Errno::einval;
    }
    if (!*entry) return {};
    const CpioEntry& file = **entry;
    const std::uint32_t type = file.mode & abi::s_ifmt;
    // Skip devices, which the kernel makes itself, and sockets, which it does not have.
    if (type != abi::s_ifdir && type != abi::s_ifreg && type != abi::s_iflnk && type != abi::s_ififo) continue;
    const Result<> done = unpack_entry(*this, file, CpioReader(archive));
    if (!done) {
      format(message, "initramfs, file '{}' ({} bytes): {}", file.name, file.data.size(), reason(done.error()));
      return done;
    }
  }
}

}  // namespace ox
