#include "fs/inode.h"

#include <algorithm>
#include <cstring>

#include "fs/file_system.h"

namespace ox {

Inode::Inode(FileSystem& file_system, std::uint32_t mode, Inode* parent)
    : file_system_(file_system), mode_(mode), pages_(file_system.frames_), parent_(parent != nullptr ? parent : this) {}

Inode::~Inode() {
  while (DirectoryEntry* entry = entries_.pop_front()) file_system_.entry_slab_.destroy(entry);
}

void Inode::destroy(Inode* inode) { inode->file_system_.inode_slab_.destroy(inode); }

abi::stat Inode::status() const {
  abi::stat status;
  if (device_) {
    status = device_->status();
  } else {
    status.st_mode = mode_;
    status.st_size = static_cast<std::int64_t>(size_);
    status.st_blocks = static_cast<std::int64_t>(page_ceil(size_) / 512);
  }
  status.st_ino = to_phys(this).value();  // nobody else has it
  status.st_nlink = directory() ? 2 : 1;
  return status;
}

// The bytes from `offset` on to the end of the page or of the file.
std::span<const std::byte> Inode::piece(std::uint64_t offset) const {
  if (offset >= size_) return {};
  const std::uint64_t in_page = offset % page_size;
  return {to_pointer(page(offset / page_size)) + in_page, std::min(page_size - in_page, size_ - offset)};
}

std::uint64_t Inode::read(std::uint64_t offset, std::span<std::byte> to) const {
  std::uint64_t done = 0;
  while (done < to.size()) {
    const std::span<const std::byte> bytes = piece(offset + done);
    if (bytes.empty()) break;
    const std::uint64_t size = std::min<std::uint64_t>(bytes.size(), to.size() - done);
    std::memcpy(to.data() + done, bytes.data(), size);
    done += size;
  }
  return done;
}

std::string_view Inode::target() const {
  const std::span<const std::byte> bytes = piece(0);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<> Inode::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::uint64_t in_page = size_ % page_size;
    const Ppn frame = TRY(pages_.make(size_ / page_size));
    const std::uint64_t size = std::min<std::uint64_t>(bytes.size(), page_size - in_page);
    std::memcpy(to_pointer(frame) + in_page, bytes.data(), size);
    size_ += size;
    bytes = bytes.subspan(size);
  }
  return {};
}

}  // namespace ox
