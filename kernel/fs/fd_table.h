// A process's file descriptors.
//
// Owns: a reference to each open file. Belongs to one process: no lock.
// Fails: Errno::ebadf for a descriptor that is not open, Errno::emfile when all 64 are.
#pragma once

#include <array>
#include <cstdint>

#include "fs/file.h"
#include "sync/ref.h"

namespace ox {

class FdTable {
 public:
  static constexpr unsigned capacity = 64;

  FdTable() = default;
  FdTable(const FdTable&) = delete;
  // For fork: the same files under the same numbers. Looks no further than the highest one.
  FdTable& operator=(const FdTable& other);

  // The file stays open at least until the table changes.
  Result<File*> get(std::uint64_t fd) const;
  // The lowest free descriptor names `file` now. Linux: F_DUPFD's way to count.
  Result<unsigned> add(Ref<File> file, bool close_on_exec);
  // Linux: dup(2).
  Result<unsigned> dup(std::uint64_t fd);
  // Linux: dup3(2): `to` names what `from` does; what it named before is closed. They may not be equal.
  Result<unsigned> dup_to(std::uint64_t from, std::uint64_t to, bool close_on_exec);
  Result<> close(std::uint64_t fd);
  void close_on_exec();
  void close_all();

 private:
  static constexpr std::uint64_t bit(std::uint64_t fd) { return std::uint64_t{1} << fd; }
  void place(std::uint64_t fd, Ref<File> file, bool close_on_exec);

  std::array<Ref<File>, capacity> files_;
  std::uint64_t close_on_exec_ = 0;  // bit n for descriptor n
  unsigned limit_ = 0;               // descriptors from here on are free
};

}  // namespace ox
