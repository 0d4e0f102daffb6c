// A process's file descriptors.
//
// Owns: a reference to each open file. Belongs to one process: no lock.
// Fails: Errno::ebadf for a descriptor that is not open, Errno::emfile when all 64 are.
#pragma once

#include <array>
#include <cstdint>

#include "fs/file.h"

namespace ox {

class FdTable {
 public:
  static constexpr unsigned capacity = 64;

  FdTable() = default;
  FdTable(const FdTable&) = delete;
  FdTable& operator=(const FdTable&) = delete;
  // For fork, into a new table: the same files under the same numbers.
  void copy(const FdTable& other);

  // The file stays open at least until the table changes.
  Result<File*> get(std::uint64_t fd) const;
  // The lowest free descriptor names `file` now.
  Result<unsigned> add(Ref<File> file, bool close_on_exec);
  // `fd` names `file` now; what it named before is closed. Errno::ebadf if it is no descriptor at all.
  Result<> put(std::uint64_t fd, Ref<File> file, bool close_on_exec);
  Result<> close(std::uint64_t fd);
  void close_on_exec();
  void close_all();

 private:
  static constexpr std::uint64_t bit(std::uint64_t fd) { return std::uint64_t{1} << fd; }

  std::array<Ref<File>, capacity> files_;
  std::uint64_t close_on_exec_ = 0;  // bit n for descriptor n
  unsigned limit_ = 0;               // descriptors from here on are free: fork and exit need not look at them
};

}  // namespace ox
