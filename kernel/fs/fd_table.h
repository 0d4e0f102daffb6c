// A process's file descriptors.
//
// Owns: a reference to each open file. Belongs to one process: no lock. fork and exit look at open descriptors only,
// exec at those that it may have to close.
// Fails: Errno::ebadf for a descriptor that is not open, Errno::emfile when all are.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "fs/file.h"

namespace ox {

class FdTable {
 public:
  static constexpr unsigned capacity = 256;

  FdTable() = default;
  FdTable(const FdTable&) = delete;
  FdTable& operator=(const FdTable&) = delete;
  ~FdTable() { close_all(); }
  // For fork, into a new table: the same files under the same numbers.
  void copy(const FdTable& other) {
    other.open_.for_each([&](unsigned fd) { files_[fd] = Ref<File>::share(*other.files_[fd]).release(); });
    open_ = other.open_;
    cloexec_ = other.cloexec_;
  }

  // The file stays open at least until the table changes.
  Result<File*> get(std::uint64_t fd) const {
    if (fd >= capacity || !open_.has(fd)) return Errno::ebadf;
    return files_[fd];
  }
  // The lowest free descriptor, not below `from`, names `file` now.
  Result<unsigned> add(Ref<File> file, bool close_on_exec, unsigned from = 0) {
    while (from < capacity && open_.has(from)) ++from;
    if (from >= capacity) return Errno::emfile;
    TRY(put(from, std::move(file), close_on_exec));
    return from;
  }
  // `fd` names `file` now; what it named before is closed. Errno::ebadf if it is no descriptor at all.
  Result<> put(std::uint64_t fd, Ref<File> file, bool close_on_exec) {
    if (fd >= capacity) return Errno::ebadf;
    (void)close(fd);
    files_[fd] = file.release();
    open_.set(fd, true);
    cloexec_.set(fd, close_on_exec);
    return {};
  }
  Result<> close(std::uint64_t fd) {
    const auto file = Ref<File>::adopt(TRY(get(fd)));
    open_.set(fd, false);
    return {};
  }
  // Of an open descriptor.
  bool closes_on_exec(std::uint64_t fd) const { return cloexec_.has(fd); }
  void set_close_on_exec(std::uint64_t fd, bool on) { cloexec_.set(fd, on); }
  void close_on_exec() { close_all(cloexec_); }
  void close_all() { close_all(open_); }

 private:
  // A set of descriptors.
  class Set {
   public:
    bool has(std::uint64_t fd) const { return (words_[fd / 64] >> fd % 64 & 1) != 0; }
    void set(std::uint64_t fd, bool on) {
      const std::uint64_t bit = std::uint64_t{1} << fd % 64;
      words_[fd / 64] = on ? words_[fd / 64] | bit : words_[fd / 64] & ~bit;
    }
    template <class F>
    void for_each(F f) const {
      for (unsigned i = 0; i < words_.size(); ++i) {
        for (std::uint64_t left = words_[i]; left != 0; left &= left - 1) {
          f(i * 64 + static_cast<unsigned>(std::countr_zero(left)));
        }
      }
    }

   private:
    std::array<std::uint64_t, capacity / 64> words_{};
  };

  void close_all(const Set& set) {
    set.for_each([this](unsigned fd) { (void)close(fd); });
  }

  Set open_;
  Set cloexec_;                        // of descriptors that are not open it says nothing
  std::array<File*, capacity> files_;  // says something, and holds a reference, only where open_ has the descriptor
};

}  // namespace ox
