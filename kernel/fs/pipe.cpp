#include "fs/pipe.h"

#include <algorithm>
#include <cstring>

#include "fs/file_system.h"

namespace ox {

namespace {

bool reads(std::uint32_t flags) { return (flags & abi::o_accmode) != abi::o_wronly; }
bool writes(std::uint32_t flags) { return (flags & abi::o_accmode) != abi::o_rdonly; }

// Splits `users` at the boundaries of the pipe's frames, and calls f(user's bytes, pipe's bytes, size) for each part.
// The first part is at `position` in the pipe; `position` moves past the last one.
template <class F>
void for_each_part(std::span<const FrameRef> frames, std::span<std::byte> users, std::uint64_t& position, F f) {
  while (!users.empty()) {
    const std::uint64_t in_page = position % page_size;
    const std::uint64_t bytes = std::min(page_size - in_page, users.size());
    f(users.data(), frames[position % Pipe::capacity / page_size].bytes() + in_page, bytes);
    position += bytes;
    users = users.subspan(bytes);
  }
}

}  // namespace

Result<Ref<File>> Pipe::open(Slabs& slabs, std::uint32_t flags) {
  const std::uint32_t past_writers = TRY(join(flags));
  const auto end = slabs.make<PipeEnd>(*this, flags, past_writers);
  if (!end) leave(flags);
  return Ref<File>::adopt(TRY(end));
}

void Pipe::changed() {
  bytes_.wake_all();
  waiters_.wake_all();
  file_system_.polls.changed();
}

Result<std::uint32_t> Pipe::join(std::uint32_t flags) {
  Result<> done;
  {
    const LockGuard guard(lock_);
    const bool wait = (flags & abi::o_nonblock) == 0;
    if (!wait && !reads(flags) && readers_.open == 0 && status_.st_nlink != 0) return Errno::enxio;
    for (const auto& [side, wanted] : {std::pair(&readers_, reads(flags)), std::pair(&writers_, writes(flags))}) {
      side->open += wanted ? 1 : 0;
      side->opened += wanted ? 1 : 0;
    }
    changed();
    const Side& others = reads(flags) ? writers_ : readers_;
    if (others.open > 0 || status_.st_nlink == 0) return 0;
    if (!wait) return writers_.opened;
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

// Makes the frames for `size` bytes at `position`.
Result<> Pipe::supply(std::uint64_t position, std::uint64_t size) {
  for (std::uint64_t at = page_floor(position); at < position + size; at += page_size) {
    FrameRef& frame = frames_[at % capacity / page_size];
    if (!frame) frame = TRY(FrameRef::make(file_system_.memory.frames, FrameKind::kernel));
  }
  return {};
}

Result<std::uint64_t> Pipe::take(UserBytes& to, bool wait) {
  const Result<std::uint64_t> taken = take_some(to, wait);
  const LockGuard guard(lock_);
  if (head_ != tail_) bytes_.wake_one();  // put_some() has woken this reader only
  return taken;
}

Result<std::uint64_t> Pipe::take_some(UserBytes& to, bool wait) {
  for (std::uint64_t size = to.left(); size > 0; size = TRY(to.make_present(size, Access::store))) {
    const LockGuard guard(lock_);
    while (head_ == tail_ && writers_.open > 0) {
      if (!wait) return Errno::eagain;
      TRY(bytes_.sleep(lock_));
    }
    size = std::min(size, tail_ - head_);
    if (size == 0) break;
    const bool moved =
        to.move_present(size, Access::store, [&, frames = std::span(frames_), at = head_](auto users) mutable {
          for_each_part(frames, users, at, [](auto* user, auto* own, auto bytes) { std::memcpy(user, own, bytes); });
        });
    if (!moved) continue;
    head_ += size;
    if (head_ == tail_) head_ = tail_ = 0;
    waiters_.wake_all();
    file_system_.polls.changed();
    return size;
  }
  return 0;
}

Result<std::uint64_t> Pipe::put(UserBytes& from, bool wait) {
  std::uint64_t moved = 0;
  while (from.left() > 0) {
    const Result<std::uint64_t> part = put_some(from, wait);
    if (!part) return moved > 0 ? Result<std::uint64_t>(moved) : part;
    moved += *part;
    interrupt_window();
  }
  return moved;
}

// Writes as much as there is room for. Up to PIPE_BUF bytes are written whole or not at all.
Result<std::uint64_t> Pipe::put_some(UserBytes& from, bool wait) {
  for (std::uint64_t size = std::min(from.left(), capacity);; size = TRY(from.make_present(size, Access::load))) {
    const LockGuard guard(lock_);
    while (readers_.open > 0 && room() < std::min(size, abi::pipe_buf)) {
      if (!wait) return Errno::eagain;
      TRY(waiters_.sleep(lock_));
    }
    if (readers_.open == 0) return Errno::epipe;
    size = std::min(size, room());
    TRY(supply(tail_, size));
    const bool moved =
        from.move_present(size, Access::load, [&, frames = std::span(frames_), at = tail_](auto users) mutable {
          for_each_part(frames, users, at, [](auto* user, auto* own, auto bytes) { std::memcpy(own, user, bytes); });
        });
    if (!moved) continue;
    tail_ += size;
    bytes_.wake_one();
    file_system_.polls.changed();
    return size;
  }
}

std::uint64_t Pipe::available() {
  const LockGuard guard(lock_);
  return tail_ - head_;
}

std::uint32_t Pipe::poll_end(std::uint32_t flags, std::uint32_t past_writers) {
  const LockGuard guard(lock_);
  std::uint32_t bits = 0;
  if (reads(flags)) {
    if (head_ != tail_) bits |= abi::pollin;
    if (writers_.open == 0 && writers_.opened != past_writers) bits |= abi::pollhup;
  }
  if (writes(flags)) {
    if (room() >= abi::pipe_buf) bits |= abi::pollout;
    if (readers_.open == 0) bits |= abi::pollerr;
  }
  return bits;
}

}  // namespace ox
