// Pipes and FIFOs: 64 KiB of bytes on their way from one open file to another.
//
// Owns: a frame for each page that bytes have stood in, taken when they first come there, until nobody has it open.
// Lock: guards everything, also while bytes are moved. So that no fault happens then, the user's pages are made present
// before; nobody but the process itself could take them away. A write of up to 4,096 bytes arrives in one piece, as
// POSIX demands; a longer one is several of these.
// Fails: Errno::erestart when a signal comes while nothing has been moved, epipe when nobody can read any more, eagain
// where it would have to wait and may not, enomem.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "fs/inode.h"
#include "fs/poll.h"
#include "sched/wait_queue.h"
#include "sync/spinlock.h"
#include "vm/slab.h"

namespace ox {

class Pipes;

class Pipe : public RefCounted {
 public:
  static constexpr std::uint64_t capacity = 16 * page_size;

  explicit Pipe(Pipes& pipes) : pipes_(pipes) {}
  static void destroy(Pipe* pipe);

  // For reading, writing or both, as `flags` say; waits for somebody on the other side, or with O_NONBLOCK answers
  // Errno::enxio to who wants to write. Gives the writers that there have been when it did not wait for one.
  Result<std::uint32_t> open(std::uint32_t flags);
  void close(std::uint32_t flags);

  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size, bool wait);
  Result<std::uint64_t> write(AddressSpace& space, VirtAddr from, std::uint64_t size, bool wait);
  // For an end opened with `flags`; that the writers are gone says nothing if there still are only `past_writers`.
  std::uint32_t poll(std::uint32_t flags, std::uint32_t past_writers);

 private:
  Result<std::uint64_t> write_piece(AddressSpace& space, VirtAddr from, std::uint64_t size, bool wait);
  Result<std::span<std::byte>> place(std::uint64_t position, std::uint64_t size) REQUIRES(lock_);
  void changed() REQUIRES(lock_);
  void leave(std::uint32_t flags) REQUIRES(lock_);

  // One side: who has it open, and how often it was opened.
  struct Side {
    std::uint32_t open = 0;
    std::uint32_t opened = 0;
  };

  Pipes& pipes_;
  SpinLock lock_{LockRank::object};
  WaitQueue waiters_;
  Side readers_ GUARDED_BY(lock_);
  Side writers_ GUARDED_BY(lock_);
  // Bytes read and written, both 0 again when all are read: byte n stands at n modulo the capacity.
  std::uint64_t head_ GUARDED_BY(lock_) = 0;
  std::uint64_t tail_ GUARDED_BY(lock_) = 0;
  std::array<FrameRef, capacity / page_size> frames_ GUARDED_BY(lock_);
};

class PipeEnd final : public File {
 public:
  PipeEnd(Pipes& pipes, Ref<Pipe> pipe, Ref<Inode> fifo, std::uint32_t flags, std::uint32_t past_writers)
      : File(flags), pipes_(pipes), pipe_(std::move(pipe)), fifo_(std::move(fifo)), past_writers_(past_writers) {}

  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size) override {
    return pipe_->read(space, to, size, !has(abi::o_nonblock));
  }
  Result<std::uint64_t> write(AddressSpace& space, VirtAddr from, std::uint64_t size) override {
    return pipe_->write(space, from, size, !has(abi::o_nonblock));
  }
  std::uint32_t poll() override { return pipe_->poll(flags(), past_writers_); }
  abi::stat status() const override;
  Inode* inode() const override { return fifo_.get(); }

 private:
  void close() override;

  Pipes& pipes_;
  Ref<Pipe> pipe_;
  Ref<Inode> fifo_;  // none: it has no name
  const std::uint32_t past_writers_;
};

// Where pipes come from.
class Pipes {
 public:
  Pipes(Frames& frames, PollQueue& polls) : frames_(frames), polls_(polls), pipe_slab_(frames), end_slab_(frames) {}

  struct Ends {
    Ref<File> reader;
    Ref<File> writer;
  };
  // `flags`: O_NONBLOCK.
  Result<Ends> make(std::uint32_t flags);
  // A pipe that nobody has open, for an inode.
  Result<Ref<Pipe>> make_fifo();
  Result<Ref<File>> open(const Ref<Pipe>& pipe, Ref<Inode> fifo, std::uint32_t flags);

 private:
  friend class Pipe;
  friend class PipeEnd;

  Frames& frames_;
  PollQueue& polls_;
  Slab<Pipe> pipe_slab_;
  Slab<PipeEnd> end_slab_;
};

}  // namespace ox
