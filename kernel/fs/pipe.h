// Pipes and FIFOs: a ring buffer of 64 KiB between writers and readers.
//
// A read takes the bytes that are there, and waits only if there are none. A write of up to 4,096 bytes arrives in one
// piece, as POSIX demands; a longer one arrives as there is room.
//
// Owns: the frames of the buffer. A frame is allocated when bytes first reach it, and freed when no end is open.
// Locks: lock_ guards everything, and is held while bytes are moved. No fault may happen then, so bytes are moved only
// if all of the user's pages are present; otherwise they are faulted in first, without the lock (fs/user_bytes.h).
// Fails: Errno::erestart if a signal comes before any byte was moved, Errno::epipe if no reader is left, Errno::eagain
// if it would have to wait with O_NONBLOCK, Errno::enomem.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "fs/file.h"
#include "fs/memory_inode.h"
#include "fs/poll.h"
#include "sched/wait_queue.h"

namespace ox {

// A pipe, or with a name a FIFO. A FIFO stays when no end is open, but its bytes are dropped.
class Pipe final : public MemoryInode {
 public:
  static constexpr std::uint64_t capacity = 16 * page_size;

  using MemoryInode::MemoryInode;

  Result<Ref<File>> open(Slabs& slabs, std::uint32_t flags) override;
  bool seekable() const override { return false; }

  // Adds an end that is open for reading, writing or both, as `flags` say. A FIFO waits until the other side is open
  // too. With O_NONBLOCK it does not wait: a writer fails with Errno::enxio if there is no reader. A reader that found
  // no writer gets the number of writers so far, for poll_end(); all others get 0.
  Result<std::uint32_t> join(std::uint32_t flags);
  // Removes an end that join() has added with these flags.
  void leave(std::uint32_t flags);

  Result<std::uint64_t> take(UserBytes& to, bool wait);
  Result<std::uint64_t> put(UserBytes& from, bool wait);
  std::uint64_t available();
  // The bits of poll(2) for an end opened with `flags`. POLLHUP is set only if a writer has opened the pipe since the
  // end was opened: `past_writers` is join()'s result.
  std::uint32_t poll_end(std::uint32_t flags, std::uint32_t past_writers);

 private:
  Result<std::uint64_t> take_some(UserBytes& to, bool wait);
  Result<std::uint64_t> put_some(UserBytes& from, bool wait);
  std::uint64_t room() const REQUIRES(lock_) { return capacity - (tail_ - head_); }
  Result<> supply(std::uint64_t position, std::uint64_t size) REQUIRES(lock_);
  void changed() REQUIRES(lock_);

  // One side, readers or writers: how many are open now, and how many have been opened so far.
  struct Side {
    std::uint32_t open = 0;
    std::uint32_t opened = 0;
  };

  WaitQueue bytes_;    // readers that wait for bytes
  WaitQueue waiters_;  // writers that wait for room, and open(2) that waits for the other side
  Side readers_ GUARDED_BY(lock_);
  Side writers_ GUARDED_BY(lock_);
  // The numbers of bytes read and written. Byte n is at n modulo the capacity. Both go back to 0 when all bytes are
  // read.
  std::uint64_t head_ GUARDED_BY(lock_) = 0;
  std::uint64_t tail_ GUARDED_BY(lock_) = 0;
  std::array<FrameRef, capacity / page_size> frames_ GUARDED_BY(lock_);
};

class PipeEnd final : public File {
 public:
  PipeEnd(Pipe& pipe, std::uint32_t flags, std::uint32_t past_writers)
      : File(Ref<Pipe>::share(pipe), flags), pipe_(pipe), past_writers_(past_writers) {}
  ~PipeEnd() override { pipe_.leave(flags()); }

  Result<std::uint64_t> read(UserBytes& to) override { return pipe_.take(to, !has(abi::o_nonblock)); }
  Result<std::uint64_t> write(UserBytes& from) override { return pipe_.put(from, !has(abi::o_nonblock)); }
  Result<std::uint64_t> available() override { return pipe_.available(); }
  std::uint32_t poll() override { return pipe_.poll_end(flags(), past_writers_); }

 private:
  Pipe& pipe_;
  const std::uint32_t past_writers_;
};

}  // namespace ox
