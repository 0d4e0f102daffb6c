// The initramfs: an archive becomes files.

#include "fs/cpio.h"
#include "fs/file_system.h"

namespace ox {

namespace {

// The entry's name that stands first in the archive, where an inode has several: at the latest its own.
std::string_view first_name(const CpioEntry& entry, CpioReader archive) {
  auto other = archive.next();
  while (other->inode != entry.inode || other->links <= 1) other = archive.next();
  return other->name;
}

const char* reason(Errno error) {
  if (error == Errno::enomem || error == Errno::enospc) return "no memory left; give the machine more (-m)";
  if (error == Errno::efbig) return "larger than 512 GiB";
  if (error == Errno::eexist) return "the name is in the archive twice";
  if (error == Errno::enoent) return "its directory is not in the archive before it";
  if (error == Errno::enotdir) return "its directory is a file";
  if (error == Errno::enametoolong) return "the name is too long";
  return "unknown error";
}

Result<> unpack_entry(FileSystem& fs, const CpioEntry& entry, CpioReader archive) {
  const PathAt at{entry.name, fs.root()};
  const std::uint32_t type = entry.mode & abi::s_ifmt;
  if (type == abi::s_ifdir) {
    const auto made = fs.make(at, entry.mode);
    if (made || made.error() != Errno::eexist) return made ? Result<>() : made.error();
    const Ref<Inode> there = TRY(fs.lookup(at));
    return there->is_directory() ? there->change({.permissions = entry.mode & abi::permission_bits}) : Errno::eexist;
  }
  if (type == abi::s_iflnk) {
    return fs.make_symlink(at, {reinterpret_cast<const char*>(entry.data.data()), entry.data.size()});
  }
  // The data of an inode with several names stands with the last of them.
  const std::string_view first = entry.links > 1 ? first_name(entry, archive) : entry.name;
  const Ref<Inode> file = first == entry.name ? TRY(fs.make(at, entry.mode)) : TRY(fs.lookup({first, fs.root()}));
  if (first != entry.name) TRY(fs.link(file, at));
  return file->regular()->append(entry.data);
}

}  // namespace

bool FileSystem::unpack(std::span<const std::byte> archive, TextSink& message) {
  CpioReader reader(archive);
  while (const auto entry = reader.next()) {
    const std::uint32_t type = entry->mode & abi::s_ifmt;
    // Devices are the kernel's to make.
    if (type != abi::s_ifdir && type != abi::s_ifreg && type != abi::s_iflnk) continue;
    const Result<> done = unpack_entry(*this, *entry, CpioReader(archive));
    if (!done) {
      format(message, "initramfs, file '{}' ({} bytes): {}", entry->name, entry->data.size(), reason(done.error()));
      return false;
    }
  }
  if (reader.error() == nullptr) return true;
  format(message, "initramfs, byte {}: {}", reader.offset(), reader.error());
  return false;
}

}  // namespace ox
