#include "fs/fd_table.h"

#include <algorithm>
#include <utility>

namespace ox {

void FdTable::copy(const FdTable& other) {
  for (unsigned fd = 0; fd < other.limit_; ++fd) files_[fd] = other.files_[fd];
  close_on_exec_ = other.close_on_exec_;
  limit_ = other.limit_;
}

Result<File*> FdTable::get(std::uint64_t fd) const {
  if (fd >= limit_ || !files_[fd]) return Errno::ebadf;
  return files_[fd].get();
}

Result<unsigned> FdTable::add(Ref<File> file, bool close_on_exec) {
  unsigned fd = 0;
  while (fd < limit_ && files_[fd]) ++fd;
  if (fd == capacity) return Errno::emfile;
  TRY(put(fd, std::move(file), close_on_exec));
  return fd;
}

Result<> FdTable::put(std::uint64_t fd, Ref<File> file, bool close_on_exec) {
  if (fd >= capacity) return Errno::ebadf;
  files_[fd] = std::move(file);
  close_on_exec_ = close_on_exec ? close_on_exec_ | bit(fd) : close_on_exec_ & ~bit(fd);
  limit_ = std::max(limit_, static_cast<unsigned>(fd) + 1);
  return {};
}

Result<> FdTable::close(std::uint64_t fd) {
  TRY(get(fd));
  files_[fd] = {};
  close_on_exec_ &= ~bit(fd);
  return {};
}

void FdTable::close_on_exec() {
  for (unsigned fd = 0; fd < limit_; ++fd) {
    if ((close_on_exec_ & bit(fd)) != 0) (void)close(fd);
  }
}

void FdTable::close_all() {
  for (unsigned fd = 0; fd < limit_; ++fd) files_[fd] = {};
  close_on_exec_ = 0;
  limit_ = 0;
}

}  // namespace ox
