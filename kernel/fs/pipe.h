// Pipes and FIFOs: 64 KiB of bytes on their way from one open file to another.
//
// Owns: a frame for each page that bytes have stood in, taken when they first come there, until nobody has it open.
// Lock: guards everything, also while bytes are moved. So that no fault happens then, they are moved only when all of
// the user's pages are present; else that is seen to first, without the lock (fs/user_bytes.h). A read takes at once
// what there is. A write of up to 4,096 bytes arrives in one piece, as POSIX demands; a longer one goes as there is
// room.
//
// Fails: Errno::erestart when a signal comes while nothing has been moved, epipe when nobody can read any more, eagain
// where it would have to wait and may not, enomem.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "fs/file.h"
#include "fs/memory_inode.h"
#include "fs/poll.h"
#include "sched/wait_queue.h"

namespace ox {

// Without a name, or with one: then it stays, empty, while nobody has it open.
class Pipe final : public MemoryInode {
 public:
  static constexpr std::uint64_t capacity = 16 * page_size;

  using MemoryInode::MemoryInode;

  Result<Ref<File>> open(Slabs& slabs, std::uint32_t flags) override;
  bool seekable() const override { return false; }

  // Somebody has it open for reading, writing or both, as `flags` say. If it has a name this waits for somebody on the
  // other side, or with O_NONBLOCK answers Errno::enxio to who wants to write. Gives the writers that there have been
  // when it did not wait for one.
  Result<std::uint32_t> join(std::uint32_t flags);
  // He has not any more.
  void leave(std::uint32_t flags);

  Result<std::uint64_t> take(UserBytes& to, bool wait);
  Result<std::uint64_t> put(UserBytes& from, bool wait);
  std::uint64_t available();
  // For an end opened with `flags`; that the writers are gone says nothing if there still are only `past_writers`.
  std::uint32_t poll_end(std::uint32_t flags, std::uint32_t past_writers);

 private:
  Result<std::uint64_t> put_some(UserBytes& from, bool wait);
  std::uint64_t room() const REQUIRES(lock_) { return capacity - (tail_ - head_); }
  Result<> supply(std::uint64_t position, std::uint64_t size) REQUIRES(lock_);
  void changed() REQUIRES(lock_);

  // One side: who has it open, and how often it was opened.
  struct Side {
    std::uint32_t open = 0;
    std::uint32_t opened = 0;
  };

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
