// The initramfs: an archive becomes files.

#include "fs/cpio.h"
#include "fs/file_system.h"

namespace ox {

namespace {

// An inode with several names has its data with the last of them. Here each name gets a copy: nobody can write them.
std::span<const std::byte> data_of(const CpioEntry& entry, CpioReader rest) {
  if (entry.links < 2 || !entry.data.empty()) return entry.data;
  for (;;) {
    const auto next = rest.next();
    if (!next || !*next) return entry.data;
    if ((*next)->inode == entry.inode && !(*next)->data.empty()) return (*next)->data;
  }
}

const char* reason(Errno error) {
  switch (error) {
    case Errno::enomem:
      return "no memory left; give the machine more (-m)";
    case Errno::efbig:
      return "larger than 1 GiB";
    case Errno::eexist:
      return "the name is in the archive twice";
    case Errno::enotdir:
      return "its directory is a file";
    case Errno::enametoolong:
      return "the name is too long";
    default:
      return "unknown error";
  }
}

}  // namespace

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
    const std::span<const std::byte> data = data_of(entry, reader);
    const auto inode = make(entry.name, entry.mode);
    Result<> done;
    if (!inode) {
      done = inode.error();
    } else if (type != abi::s_ifdir) {
      done = (*inode)->append(data);
    }
    if (!done) {
      format(message, "initramfs, file '{}' ({} bytes): {}", entry.name, data.size(), reason(done.error()));
      return false;
    }
  }
}

}  // namespace ox
