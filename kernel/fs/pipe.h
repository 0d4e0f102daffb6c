// Pipes: 64 KiB of bytes on their way from one open file to another.
//
// Owns: a frame for each page that bytes stand in, and the one that the next byte goes to; taken as they are needed,
// given back as they are read.
// Lock: guards all but the bytes. Who moves bytes has the turn of its end and no lock: a user copy may fault. A writer
// keeps its turn until all is written, so writes do not mix, of whatever size.
// Fails: Errno::eintr when a signal comes while nothing has been moved, epipe when nobody can read any more, enomem.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "fs/file.h"
#include "sched/wait_queue.h"
#include "sync/spinlock.h"
#include "vm/frame.h"
#include "vm/slab.h"

namespace ox {

class Pipes;

class Pipe : public RefCounted {
 public:
  static constexpr std::uint64_t capacity = 16 * page_size;
  // So many bytes reach into one page more, so no two of their pages share a slot.
  static constexpr std::uint64_t slots = capacity / page_size + 1;

  Pipe(Pipes& pipes, std::uint64_t number) : pipes_(pipes), number_(number) {}
  static void destroy(Pipe* pipe);

  std::uint64_t number() const { return number_; }
  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size);
  Result<std::uint64_t> write(AddressSpace& space, VirtAddr from, std::uint64_t size);
  void close_reader();
  void close_writer();

 private:
  Result<std::uint64_t> begin_read();
  void end_read(std::uint64_t moved);
  Result<> begin_write();
  Result<> make_room(std::uint64_t size);
  void publish(std::uint64_t moved);
  void end_write();
  std::span<std::byte> bytes_at(std::uint64_t position, std::uint64_t size);
  FrameRef& frame_at(std::uint64_t position) { return frames_[position / page_size % slots]; }

  Pipes& pipes_;
  const std::uint64_t number_;
  SpinLock lock_{LockRank::object};
  WaitQueue changed_;
  bool reader_open_ GUARDED_BY(lock_) = true;
  bool writer_open_ GUARDED_BY(lock_) = true;
  bool reading_ GUARDED_BY(lock_) = false;  // a reader has the turn
  bool writing_ GUARDED_BY(lock_) = false;
  // Bytes read and bytes written so far: byte n stands in slot n / 4096 % 17. Written under the lock by who has the
  // turn, who also reads its own without.
  std::uint64_t head_ = 0;
  std::uint64_t tail_ = 0;
  std::array<FrameRef, slots> frames_;
};

class PipeEnd final : public File {
 public:
  enum class Side : bool { read, write };

  PipeEnd(Slab<PipeEnd>& slab, Ref<Pipe> pipe, Side side) : slab_(slab), pipe_(std::move(pipe)), side_(side) {}

  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size) override;
  Result<std::uint64_t> write(AddressSpace& space, VirtAddr from, std::uint64_t size) override;
  abi::stat status() const override;

 private:
  void close() override;

  Slab<PipeEnd>& slab_;
  Ref<Pipe> pipe_;
  Side side_;
};

// Where pipes come from.
class Pipes {
 public:
  explicit Pipes(Frames& frames) : frames_(frames), pipe_slab_(frames), end_slab_(frames) {}

  struct Ends {
    Ref<File> reader;
    Ref<File> writer;
  };
  Result<Ends> make();

 private:
  friend class Pipe;

  Frames& frames_;
  Slab<Pipe> pipe_slab_;
  Slab<PipeEnd> end_slab_;
  Atomic<std::uint64_t> next_number_{1};
};

}  // namespace ox
