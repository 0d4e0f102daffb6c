#include "fs/fd_table.h"

#include <algorithm>
#include <utility>

namespace ox {

FdTable& FdTable::operator=(const FdTable& other) {
  if (this == &other) return *this;
  close_all();
  for (unsigned fd = 0; fd < other.limit_; ++fd) files_[fd] = other.files_[fd];
  close_on_exec_ = other.close_on_exec_;
  limit_ = other.limit_;
  return *this;
}

Result<File*> FdTable::get(std::uint64_t fd) const {
  if (fd >= limit_ || !files_[fd]) return Errno::ebadf;
  return files_[fd].get();
}

void FdTable::place(std::uint64_t fd, Ref<File> file, bool close_on_exec) {
  files_[fd] = std::move(file);
  close_on_exec_ = close_on_exec ? close_on_exec_ | bit(fd) : close_on_exec_ & ~bit(fd);
  limit_ = std::max(limit_, static_cast<unsigned>(fd) + 1);
}

Result<unsigned> FdTable::add(Ref<File> file, bool close_on_exec) {
  unsigned fd = 0;
  while (fd < limit_ && files_[fd]) ++fd;
  if (fd == capacity) return Errno::emfile;
  place(fd, std::move(file), close_on_exec);
  return fd;
}

Result<unsigned> FdTable::dup(std::uint64_t fd) { return add(Ref<File>::share(*TRY(get(fd))), false); }

Result<unsigned> FdTable::dup_to(std::uint64_t from, std::uint64_t to, bool close_on_exec) {
  if (from == to) return Errno::einval;
  if (to >= capacity) return Errno::ebadf;
  place(to, Ref<File>::share(*TRY(get(from))), close_on_exec);
  return static_cast<unsigned>(to);
}

Result<> FdTable::close(std::uint64_t fd) {
  TRY(get(fd));
  // The table is right before the file closes.
  const Ref<File> file = std::move(files_[fd]);
  close_on_exec_ &= ~bit(fd);
  while (limit_ > 0 && !files_[limit_ - 1]) --limit_;
  return {};
}

void FdTable::close_on_exec() {
  for (unsigned fd = 0; fd < capacity && close_on_exec_ >> fd != 0; ++fd) {
    if ((close_on_exec_ & bit(fd)) != 0) files_[fd] = Ref<File>();
  }
  close_on_exec_ = 0;
  while (limit_ > 0 && !files_[limit_ - 1]) --limit_;
}

void FdTable::close_all() {
  for (unsigned fd = 0; fd < limit_; ++fd) files_[fd] = Ref<File>();
  close_on_exec_ = 0;
  limit_ = 0;
}

}  // namespace ox
