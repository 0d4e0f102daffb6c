#include "fs/inode.h"

#include <cstring>

#include "fs/file.h"

namespace ox {

bool DirectoryWriter::add(std::string_view name, std::uint64_t ino, std::uint32_t mode, std::uint64_t next) {
  const std::size_t size = (abi::dirent64_name + name.size() + 1 + 7) / 8 * 8;
  full_ = room_.size() - size_ < size;
  if (full_) return false;
  const abi::dirent64 entry{.d_ino = ino,
                            .d_off = static_cast<std::int64_t>(next),
                            .d_reclen = static_cast<std::uint16_t>(size),
                            .d_type = static_cast<std::uint8_t>(mode >> 12 & 15)};
  std::byte* const to = room_.data() + size_;
  std::memset(to, 0, size);
  std::memcpy(to, &entry, abi::dirent64_name);
  std::memcpy(to + abi::dirent64_name, name.data(), name.size());
  size_ += size;
  return true;
}

Result<Ref<File>> Inode::open(Slabs& slabs, std::uint32_t flags) {
  auto file = Ref<File>::adopt(TRY(slabs.make<File>(Ref<Inode>::share(*this), flags)));
  if ((flags & abi::o_accmode) != abi::o_rdonly) TRY(file->start_use(1));
  return file;
}

}  // namespace ox
