// Pipes: 64 KiB of bytes on their way from one open file to another.
//
// Owns: a frame for each page that bytes have stood in, taken when they first come there.
// Lock: guards everything, also while bytes are moved. So that no fault happens then, the user's pages are made present
// before; nobody but the process itself could take them away. A write of up to 4,096 bytes arrives in one piece, as
// POSIX demands; a longer one is several of these.
// Fails: Errno::erestart when a signal comes while nothing has been moved, epipe when nobody can read any more, enomem.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "fs/file.h"
#include "sched/wait_queue.h"
#include "sync/spinlock.h"
#include "vm/slab.h"

namespace ox {

class Pipes;

enum class PipeSide : bool { read, write };

class Pipe : public RefCounted {
 public:
  static constexpr std::uint64_t capacity = 16 * page_size;

  explicit Pipe(Pipes& pipes) : pipes_(pipes) {}
  static void destroy(Pipe* pipe);

  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size);
  Result<std::uint64_t> write(AddressSpace& space, VirtAddr from, std::uint64_t size);
  void close(PipeSide side);

 private:
  Result<> write_piece(AddressSpace& space, VirtAddr from, std::uint64_t size);
  Result<std::span<std::byte>> place(std::uint64_t position, std::uint64_t size) REQUIRES(lock_);

  Pipes& pipes_;
  SpinLock lock_{LockRank::object};
  WaitQueue changed_;
  bool reader_open_ GUARDED_BY(lock_) = true;
  bool writer_open_ GUARDED_BY(lock_) = true;
  // Bytes read and written, both 0 again when all are read: byte n stands at n modulo the capacity.
  std::uint64_t head_ GUARDED_BY(lock_) = 0;
  std::uint64_t tail_ GUARDED_BY(lock_) = 0;
  std::array<FrameRef, capacity / page_size> frames_ GUARDED_BY(lock_);
};

class PipeEnd final : public File {
 public:
  PipeEnd(Pipes& pipes, Ref<Pipe> pipe, PipeSide side) : pipes_(pipes), pipe_(std::move(pipe)), side_(side) {}

  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size) override;
  Result<std::uint64_t> write(AddressSpace& space, VirtAddr from, std::uint64_t size) override;
  abi::stat status() const override;

 private:
  void close() override;

  Pipes& pipes_;
  Ref<Pipe> pipe_;
  PipeSide side_;
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
  friend class PipeEnd;

  Frames& frames_;
  Slab<Pipe> pipe_slab_;
  Slab<PipeEnd> end_slab_;
};

}  // namespace ox
