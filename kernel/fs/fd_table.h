// A process's file descriptors, in blocks of 64, of which all but the first are made when they are needed.
//
// Owns: its blocks, and a reference to each open file. Belongs to one process: no lock. fork and exit look at open
// descriptors only, exec at those that it may have to close.
// Fails: Errno::ebadf for a descriptor that is not open, Errno::emfile when all are, Errno::enomem for a new block.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "fs/file.h"

namespace ox {

class FdTable {
 public:
  static constexpr unsigned capacity = 1024;

  explicit FdTable(Slabs& slabs) : slabs_(slabs) {}
  FdTable(const FdTable&) = delete;
  FdTable& operator=(const FdTable&) = delete;
  ~FdTable() { close_all(); }
  // For fork, into a new table: the same files under the same numbers.
  Result<> copy(const FdTable& other) {
    for (unsigned i = 0; i < other.end_; ++i) {
      const Block* const from = other.blocks_[i];
      if (from == nullptr || from->open == 0) continue;
      Block& block = *TRY(make_block(i));
      for_each(from->open, [&](unsigned n) { block.files[n] = Ref<File>::share(*from->files[n]).release(); });
      block.open = from->open;
      block.cloexec = from->cloexec;
    }
    return {};
  }

  // The file stays open at least until the table changes.
  Result<File*> get(std::uint64_t fd) const {
    if (!is_open(fd)) return Errno::ebadf;
    return blocks_[fd / block_size]->files[fd % block_size];
  }
  // The lowest free descriptor from `from` on, and below `limit`.
  Result<unsigned> lowest_free(unsigned from, std::uint64_t limit) const {
    while (is_open(from)) ++from;
    if (from >= limit) return Errno::emfile;
    return from;
  }
  // It names `file` now.
  Result<unsigned> add(Ref<File> file, bool close_on_exec, unsigned from, std::uint64_t limit) {
    const unsigned fd = TRY(lowest_free(from, limit));
    TRY(put(fd, std::move(file), close_on_exec, limit));
    return fd;
  }
  // `fd` names `file` now; what it named before is closed. Errno::ebadf if it is not below the limit.
  Result<> put(std::uint64_t fd, Ref<File> file, bool close_on_exec, std::uint64_t limit) {
    if (fd >= limit) return Errno::ebadf;
    (void)close(fd);
    Block& block = *TRY(make_block(fd / block_size));
    block.files[fd % block_size] = file.release();
    block.open |= bit(fd);
    set_close_on_exec(fd, close_on_exec);
    return {};
  }
  Result<> close(std::uint64_t fd) {
    const auto file = Ref<File>::adopt(TRY(get(fd)));
    blocks_[fd / block_size]->open &= ~bit(fd);
    file->inode()->locks.release(this);
    return {};
  }
  // Of an open descriptor.
  bool closes_on_exec(std::uint64_t fd) const { return (blocks_[fd / block_size]->cloexec & bit(fd)) != 0; }
  void set_close_on_exec(std::uint64_t fd, bool on) {
    std::uint64_t& set = blocks_[fd / block_size]->cloexec;
    set = on ? set | bit(fd) : set & ~bit(fd);
  }
  void close_on_exec() { close_each(false); }
  void close_all() { close_each(true); }

 private:
  static constexpr unsigned block_size = 64;
  struct Block {
    Block() {}
    std::uint64_t open = 0;
    std::uint64_t cloexec = 0;            // of descriptors that are not open it says nothing
    std::array<File*, block_size> files;  // says something, and holds a reference, only where `open` has the descriptor
  };

  static constexpr std::uint64_t bit(std::uint64_t fd) { return std::uint64_t{1} << fd % block_size; }
  template <class F>
  static void for_each(std::uint64_t set, F f) {
    for (unsigned n = 0; set != 0;) {
      const unsigned step = (set & 0xff) == 0 ? 8 : 1;
      if ((set & 1) != 0) f(n);
      set >>= step;
      n += step;
    }
  }
  bool is_open(std::uint64_t fd) const {
    const Block* const block = fd < capacity ? blocks_[fd / block_size] : nullptr;
    return block != nullptr && (block->open & bit(fd)) != 0;
  }
  Result<Block*> make_block(std::uint64_t index) {
    if (blocks_[index] == nullptr) blocks_[index] = TRY(slabs_.make<Block>());
    end_ = std::max(end_, index + 1);
    return blocks_[index];
  }
  void close_each(bool all) {
    for (unsigned i = 0; i < end_; ++i) {
      if (blocks_[i] == nullptr) continue;
      const std::uint64_t closed = all ? blocks_[i]->open : blocks_[i]->cloexec;
      for_each(closed, [&](unsigned n) { (void)close(i * block_size + n); });
      if (all && i > 0) Slabs::destroy(std::exchange(blocks_[i], nullptr));
      // Not when nothing is left to close: the scheduler frees a process, and must not let interrupts in.
      if (closed != 0) interrupt_window();
    }
  }

  Slabs& slabs_;
  Block first_;  // most need no other
  std::array<Block*, capacity / block_size> blocks_{&first_};
  std::uint64_t end_ = 1;  // there is no block from here on
};

}  // namespace ox
