// The initramfs: an archive becomes files.

#include "fs/cpio.h"
#include "fs/file_system.h"

namespace ox {

namespace {

// The entry's name that stands first in the archive, where an inode has several.
std::string_view first_name(const CpioEntry& entry, CpioReader archive) {
  for (;;) {
    const auto next = archive.next();
    if (!next || !*next || ((*next)->inode == entry.inode && (*next)->links > 1)) return (*next)->name;
  }
}

const char* reason(Errno error) {
  switch (error) {
    case Errno::enomem:
    case Errno::enospc:
      return "no memory left; give the machine more (-m)";
    case Errno::efbig:
      return "larger than 512 GiB";
    case Errno::eexist:
      return "the name is in the archive twice";
    case Errno::enoent:
      return "its directory is not in the archive before it";
    case Errno::enotdir:
      return "its directory is a file";
    case Errno::enametoolong:
      return "the name is too long";
    default:
      return "unknown error";
  }
}

}  // namespace

Result<> FileSystem::unpack_entry(const CpioEntry& entry, CpioReader archive) {
  const PathAt at{entry.name, root_};
  const std::uint32_t type = entry.mode & abi::s_ifmt;
  if (type == abi::s_ifdir) {
    const auto made = make(at, entry.mode);
    if (made || made.error() != Errno::eexist) return made ? Result<>() : made.error();
    const Ref<Inode> there = TRY(lookup(at));
    return there->is_directory() ? there->change({.permissions = entry.mode & abi::permission_bits}) : Errno::eexist;
  }
  if (type == abi::s_iflnk) {
    return make_symlink(at, {reinterpret_cast<const char*>(entry.data.data()), entry.data.size()});
  }
  // The data of an inode with several names stands with the last of them.
  const std::string_view first = entry.links > 1 ? first_name(entry, archive) : entry.name;
  const Ref<Inode> file = first == entry.name ? TRY(make(at, entry.mode)) : TRY(lookup({first, root_}));
  if (first != entry.name) TRY(link(file, at));
  return file->regular()->append(entry.data);
}

bool FileSystem::unpack(std::span<const std::byte> archive, TextSink& message) {
  CpioReader reader(archive);
  for (;;) {
    const auto next = reader.next();
    if (!next) {
      format(message, "initramfs, byte {}: {}", next.error().offset, next.error().what);
      return false;
    }
    if (!*next) return true;
    const CpioEntry& entry = **next;
    const std::uint32_t type = entry.mode & abi::s_ifmt;
    // Devices are the kernel's to make.
    if (type != abi::s_ifdir && type != abi::s_ifreg && type != abi::s_iflnk) continue;
    const Result<> done = unpack_entry(entry, CpioReader(archive));
    if (!done) {
      format(message, "initramfs, file '{}' ({} bytes): {}", entry.name, entry.data.size(), reason(done.error()));
      return false;
    }
  }
}

}  // namespace ox
