#include "fs/fd_table.h"

namespace ox {

void FdTable::copy(const FdTable& other) {
  other.for_each([&](unsigned fd) { files_[fd] = Ref<File>::share(*other.files_[fd]).release(); });
  open_ = other.open_;
  cloexec_ = other.cloexec_;
}

Result<unsigned> FdTable::add(Ref<File> file, bool close_on_exec, unsigned from) {
  while (from < capacity && open_.has(from)) ++from;
  if (from >= capacity) return Errno::emfile;
  TRY(put(from, std::move(file), close_on_exec));
  return from;
}

Result<> FdTable::put(std::uint64_t fd, Ref<File> file, bool close_on_exec) {
  if (fd >= capacity) return Errno::ebadf;
  (void)close(fd);
  files_[fd] = file.release();
  open_.set(fd, true);
  cloexec_.set(fd, close_on_exec);
  return {};
}

Result<> FdTable::close(std::uint64_t fd) {
  const auto file = Ref<File>::adopt(TRY(get(fd)));
  open_.set(fd, false);
  return {};
}

void FdTable::close_on_exec() {
  for_each([this](unsigned fd) {
    if (cloexec_.has(fd)) (void)close(fd);
  });
}

void FdTable::close_all() {
  for_each([this](unsigned fd) { (void)close(fd); });
}

}  // namespace ox
