#include "fs/inode.h"

#include <algorithm>
#include <cstring>

#include "fs/file_system.h"

namespace ox {

Inode::Inode(FileSystem& file_system, std::uint64_t number, std::uint32_t mode, Inode* parent)
    : file_system_(file_system), number_(number), mode_(mode), pages_(file_system.frames()), parent_(parent) {}

Inode::~Inode() {
  while (DirectoryEntry* entry = entries_.pop_front()) file_system_.entry_slab_.destroy(entry);
}

void Inode::destroy(Inode* inode) {
  FileSystem& file_system = inode->file_system_;
  {
    const LockGuard guard(file_system.lock_);
    file_system.inodes_.remove(*inode);
  }
  file_system.inode_slab_.destroy(inode);
}

abi::stat Inode::status() const {
  abi::stat status;
  if (device_) {
    status = device_->status();
  } else {
    status.st_mode = mode_;
    status.st_size = static_cast<std::int64_t>(size_);
    status.st_blocks = static_cast<std::int64_t>(page_ceil(size_) / 512);
  }
  status.st_ino = number_;
  status.st_nlink = directory() ? 2 : 1;
  return status;
}

Result<Ppn> Inode::page(std::uint64_t index) const {
  const Ppn frame = pages_.find(index);
  if (frame == Ppn()) return Errno::einval;
  return frame;
}

std::span<const std::byte> Inode::piece(std::uint64_t offset) const {
  if (offset >= size_) return {};
  const std::uint64_t in_page = offset % page_size;
  return {to_pointer(pages_.find(offset / page_size)) + in_page, std::min(page_size - in_page, size_ - offset)};
}

std::uint64_t Inode::read(std::uint64_t offset, std::span<std::byte> to) const {
  std::uint64_t done = 0;
  while (done < to.size()) {
    std::span<const std::byte> bytes = piece(offset + done);
    if (bytes.empty()) break;
    bytes = bytes.first(std::min<std::uint64_t>(bytes.size(), to.size() - done));
    std::memcpy(to.data() + done, bytes.data(), bytes.size());
    done += bytes.size();
  }
  return done;
}

Result<> Inode::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::uint64_t in_page = size_ % page_size;
    const Ppn frame = TRY(pages_.make(size_ / page_size));
    const auto chunk = bytes.first(std::min<std::uint64_t>(bytes.size(), page_size - in_page));
    std::memcpy(to_pointer(frame) + in_page, chunk.data(), chunk.size());
    size_ += chunk.size();
    bytes = bytes.subspan(chunk.size());
  }
  return {};
}

}  // namespace ox
