#include "fs/pipe.h"

#include <algorithm>

#include "fs/file_system.h"
#include "fs/present.h"

namespace ox {

namespace {

bool reads(std::uint32_t flags) { return (flags & abi::o_accmode) != abi::o_wronly; }
bool writes(std::uint32_t flags) { return (flags & abi::o_accmode) != abi::o_rdonly; }

}  // namespace

void Pipe::dispose() { file_system_.pipes_.destroy(this); }

Result<Ref<File>> Pipe::open(FileSystem& file_system, std::uint32_t flags) {
  return file_system.open_pipe(Ref<Pipe>::share(*this), flags);
}

void Pipe::changed() {
  waiters_.wake_all();
  file_system_.polls_.changed();
}

Result<std::uint32_t> Pipe::join(std::uint32_t flags) {
  Result<> done;
  {
    const LockGuard guard(lock_);
    for (const auto& [side, wanted] : {std::pair(&readers_, reads(flags)), std::pair(&writers_, writes(flags))}) {
      side->open += wanted ? 1 : 0;
      side->opened += wanted ? 1 : 0;
    }
    changed();
    const Side& others = reads(flags) ? writers_ : readers_;
    if (others.open > 0) return 0;
    const bool wait = (flags & abi::o_nonblock) == 0;
    if (!wait && reads(flags)) return writers_.opened;
    if (!wait) done = Errno::enxio;
    for (const std::uint32_t seen = others.opened; done && others.opened == seen;) done = waiters_.sleep(lock_);
  }
  if (done) return 0;
  leave(flags);
  return done.error();
}

void Pipe::leave(std::uint32_t flags) {
  const LockGuard guard(lock_);
  readers_.open -= reads(flags) ? 1 : 0;
  writers_.open -= writes(flags) ? 1 : 0;
  changed();
  if (readers_.open + writers_.open > 0) return;
  for (FrameRef& frame : frames_) frame = FrameRef();
  head_ = tail_ = 0;
}

// The part of `size` bytes at `position` that lies in one frame.
Result<std::span<std::byte>> Pipe::place(std::uint64_t position, std::uint64_t size) {
  FrameRef& frame = frames_[position % capacity / page_size];
  if (!frame) frame = TRY(FrameRef::make(file_system_.memory_.frames, FrameKind::kernel));
  const std::uint64_t in_page = position % page_size;
  return std::span(frame.bytes() + in_page, std::min(page_size - in_page, size));
}

Result<std::uint64_t> Pipe::take(AddressSpace& space, VirtAddr to, std::uint64_t size, bool wait) {
  for (;;) {
    std::uint64_t wanted = 0;
    {
      const LockGuard guard(lock_);
      while (size > 0 && head_ == tail_ && writers_.open > 0) {
        if (!wait) return Errno::eagain;
        TRY(waiters_.sleep(lock_));
      }
      wanted = std::min(size, tail_ - head_);
    }
    if (wanted == 0) return 0;
    wanted = TRY(make_present(space, to, wanted, Access::store));
    const LockGuard guard(lock_);
    wanted = std::min(wanted, tail_ - head_);
    if (wanted == 0) continue;  // another reader was faster
    for (std::uint64_t moved = 0; moved < wanted;) {
      const std::span<std::byte> bytes = TRY(place(head_ + moved, wanted - moved));
      TRY(space.copy_out(to + moved, bytes));
      moved += bytes.size();
    }
    head_ += wanted;
    if (head_ == tail_) head_ = tail_ = 0;
    changed();
    return wanted;
  }
}

Result<std::uint64_t> Pipe::put(AddressSpace& space, VirtAddr from, std::uint64_t size, bool wait) {
  std::uint64_t moved = 0;
  while (moved < size) {
    const std::uint64_t piece = std::min(size - moved, abi::pipe_buf);
    const auto written = put_piece(space, from + moved, piece, wait);
    if (!written) return moved > 0 ? Result<std::uint64_t>(moved) : written;
    moved += *written;
    if (*written < piece) break;
  }
  return moved;
}

Result<std::uint64_t> Pipe::put_piece(AddressSpace& space, VirtAddr from, std::uint64_t size, bool wait) {
  size = TRY(make_present(space, from, size, Access::load));
  const LockGuard guard(lock_);
  while (readers_.open > 0 && capacity - (tail_ - head_) < size) {
    if (!wait) return Errno::eagain;
    TRY(waiters_.sleep(lock_));
  }
  if (readers_.open == 0) return Errno::epipe;
  for (std::uint64_t moved = 0; moved < size;) {
    const std::span<std::byte> bytes = TRY(place(tail_ + moved, size - moved));
    TRY(space.copy_in(bytes, from + moved));
    moved += bytes.size();
  }
  tail_ += size;
  changed();
  return size;
}

std::uint32_t Pipe::poll_end(std::uint32_t flags, std::uint32_t past_writers) {
  const LockGuard guard(lock_);
  std::uint32_t bits = 0;
  if (reads(flags)) {
    if (head_ != tail_) bits |= abi::pollin;
    if (writers_.open == 0 && writers_.opened != past_writers) bits |= abi::pollhup;
  }
  if (writes(flags)) {
    if (capacity - (tail_ - head_) >= abi::pipe_buf) bits |= abi::pollout;
    if (readers_.open == 0) bits |= abi::pollerr;
  }
  return bits;
}

void PipeEnd::close() {
  pipe_.leave(flags());
  file_system_.pipe_ends_.destroy(this);
}

}  // namespace ox
