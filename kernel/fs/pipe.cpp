#include "fs/pipe.h"

#include <algorithm>
#include <cstring>

#include "fs/file_system.h"

namespace ox {

namespace {

bool reads(std::uint32_t flags) { return (flags & abi::o_accmode) != abi::o_wronly; }
bool writes(std::uint32_t flags) { return (flags & abi::o_accmode) != abi::o_rdonly; }

}  // namespace

Result<Ref<File>> Pipe::open(Slabs& slabs, std::uint32_t flags) {
  const std::uint32_t past_writers = TRY(join(flags));
  const auto end = slabs.make<PipeEnd>(*this, flags, past_writers);
  if (!end) leave(flags);
  return Ref<File>::adopt(TRY(end));
}

void Pipe::changed() {
  waiters_.wake_all();
  file_system_.polls.changed();
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
    if (others.open > 0 || status_.st_nlink == 0) return 0;
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

// Makes the frames for a piece at `position`.
Result<> Pipe::supply(std::uint64_t position, std::uint64_t size) {
  for (const std::uint64_t at : {position, position + size - 1}) {
    if (!frame_at(at)) frame_at(at) = TRY(FrameRef::make(file_system_.memory.frames, FrameKind::kernel));
  }
  return {};
}

// Calls f(user's, pipe's, size) for each part of a piece that lies in one page on both sides, from `position` on.
template <class F>
void Pipe::for_each_part(const Piece& piece, std::uint64_t position, F f) {
  for (std::span<std::byte> users : piece) {
    while (!users.empty()) {
      const std::uint64_t in_page = position % page_size;
      const std::uint64_t bytes = std::min(page_size - in_page, users.size());
      f(users.data(), frame_at(position).bytes() + in_page, bytes);
      position += bytes;
      users = users.subspan(bytes);
    }
  }
}

// Waits for the first piece alone. What is one piece needs no loop (48 instructions, here and in put()).
Result<std::uint64_t> Pipe::take(AddressSpace& space, VirtAddr to, std::uint64_t size, bool wait) {
  if (size <= abi::pipe_buf) return take_piece(space, to, size, wait);
  return in_pieces(size, abi::pipe_buf, [&](std::uint64_t before, std::uint64_t piece) {
    return take_piece(space, to + before, piece, wait && before == 0);
  });
}

Result<std::uint64_t> Pipe::take_piece(AddressSpace& space, VirtAddr to, std::uint64_t size, bool wait) {
  for (;;) {
    std::uint64_t there = 0;
    {
      const LockGuard guard(lock_);
      while (size > 0 && head_ == tail_ && writers_.open > 0) {
        if (!wait) return Errno::eagain;
        TRY(waiters_.sleep(lock_));
      }
      there = std::min(size, tail_ - head_);
      if (there == 0) return 0;
      if (Piece piece; find_present(space, to, there, Access::store, piece)) {
        for_each_part(piece, head_, [](std::byte* users, const std::byte* pipes, std::size_t bytes) {
          std::memcpy(users, pipes, bytes);
        });
        head_ += there;
        if (head_ == tail_) head_ = tail_ = 0;
        changed();
        return there;
      }
    }
    size = TRY(make_present(space, to, there, Access::store));
  }
}

Result<std::uint64_t> Pipe::put(AddressSpace& space, VirtAddr from, std::uint64_t size, bool wait) {
  if (size <= abi::pipe_buf) return put_piece(space, from, size, wait);
  return in_pieces(size, abi::pipe_buf, [&](std::uint64_t before, std::uint64_t piece) {
    return put_piece(space, from + before, piece, wait);
  });
}

Result<std::uint64_t> Pipe::put_piece(AddressSpace& space, VirtAddr from, std::uint64_t size, bool wait) {
  while (size > 0) {
    {
      const LockGuard guard(lock_);
      while (readers_.open > 0 && capacity - (tail_ - head_) < size) {
        if (!wait) return Errno::eagain;
        TRY(waiters_.sleep(lock_));
      }
      if (readers_.open == 0) return Errno::epipe;
      if (Piece piece; find_present(space, from, size, Access::load, piece)) {
        if (!frame_at(tail_) || !frame_at(tail_ + size - 1)) TRY(supply(tail_, size));
        for_each_part(piece, tail_, [](const std::byte* users, std::byte* pipes, std::size_t bytes) {
          std::memcpy(pipes, users, bytes);
        });
        tail_ += size;
        changed();
        return size;
      }
    }
    size = TRY(make_present(space, from, size, Access::load));
  }
  return 0;
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

}  // namespace ox
