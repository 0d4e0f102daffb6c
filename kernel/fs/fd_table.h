// A process's file descriptors, in blocks of 64. All blocks but the first are made on demand. A bit for each open
// descriptor lets fork and exit skip the others.
//
// Owns: its blocks, and a reference to each open file. Locks: none, because it belongs to one process.
// Fails: Errno::ebadf for a descriptor that is not open, Errno::emfile if none is free below the limit, Errno::enomem
// for a new block.
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
  // Copies `other` into this new table: the same files under the same descriptors (fork).
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

  // The open file. It stays open at least until the table changes.
  Result<File*> get(std::uint64_t fd) const {
    if (!is_open(fd)) return Errno::ebadf;
    return blocks_[fd / block_size]->files[fd % block_size];
  }
  // The lowest free descriptor from `from` on, and below `limit`.
  Result<unsigned> lowest_free(unsigned from, std::uint64_t limit) const {
    while (is_open(from)) {
      const std::uint64_t free = ~blocks_[from / block_size]->open >> from % block_size;
      from += free == 0 ? block_size - from % block_size : lowest_bit(free);
    }
    if (from >= limit) return Errno::emfile;
    return from;
  }
  // Makes the lowest free descriptor refer to `file`, and returns it.
  Result<unsigned> add(Ref<File> file, bool close_on_exec, unsigned from, std::uint64_t limit) {
    const unsigned fd = TRY(lowest_free(from, limit));
    TRY(put(fd, std::move(file), close_on_exec, limit));
    return fd;
  }
  // Makes `fd` refer to `file`. If `fd` was open, closes it first. Errno::ebadf if it is not below the limit.
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
  // Both need an open descriptor.
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
    std::uint64_t cloexec = 0;            // valid only for open descriptors
    std::array<File*, block_size> files;  // valid, and holding a reference, only for open descriptors
  };

  static constexpr std::uint64_t bit(std::uint64_t fd) { return std::uint64_t{1} << fd % block_size; }
  // The number of the lowest bit of a set that is not empty; std::countr_zero() calls a slow function of libgcc.
  static unsigned lowest_bit(std::uint64_t set) {
    unsigned n = 0;
    while ((set >> n & 0xff) == 0) n += 8;
    while ((set >> n & 1) == 0) ++n;
    return n;
  }
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
      // Without open descriptors there is no window: the scheduler destroys a process's table in reap, where interrupts
      // must stay off.
      if (closed != 0) interrupt_window();
    }
  }

  Slabs& slabs_;
  Block first_;  // most processes need no other block
  std::array<Block*, capacity / block_size> blocks_{&first_};
  std::uint64_t end_ = 1;  // there are no blocks from this index on
};

}  // namespace ox
