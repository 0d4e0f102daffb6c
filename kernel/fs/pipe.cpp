#include "fs/pipe.h"

#include <algorithm>

namespace ox {

void Pipe::destroy(Pipe* pipe) { pipe->pipes_.pipe_slab_.destroy(pipe); }

// The part of `size` bytes at `position` that lies in one frame.
std::span<std::byte> Pipe::bytes_at(std::uint64_t position, std::uint64_t size) {
  const std::uint64_t in_page = position % page_size;
  return {frame_at(position).bytes() + in_page, std::min(page_size - in_page, size)};
}

// --- reading

Result<std::uint64_t> Pipe::read(AddressSpace& space, VirtAddr to, std::uint64_t size) {
  if (size == 0) return 0;
  const std::uint64_t wanted = std::min(TRY(begin_read()), size);
  if (wanted == 0) return 0;
  std::uint64_t moved = 0;
  while (moved < wanted) {
    const std::span<std::byte> bytes = bytes_at(head_ + moved, wanted - moved);
    if (!space.copy_out(to + moved, bytes)) break;
    moved += bytes.size();
  }
  end_read(moved);
  if (moved == 0) return Errno::efault;
  return moved;
}

// Waits for bytes and for the turn; how many there are. 0: there will be none any more, and nobody has the turn.
Result<std::uint64_t> Pipe::begin_read() {
  const LockGuard guard(lock_);
  while (reading_ || (head_ == tail_ && writer_open_)) TRY(changed_.sleep(lock_));
  reading_ = head_ != tail_;
  return tail_ - head_;
}

void Pipe::end_read(std::uint64_t moved) {
  const LockGuard guard(lock_);
  const std::uint64_t end = head_ + moved;
  // What is read to its end goes back; the frame that the next byte stands in, or will, stays.
  for (; page_floor(head_) != page_floor(end); head_ = page_floor(head_) + page_size) frame_at(head_) = FrameRef();
  head_ = end;
  reading_ = false;
  changed_.wake_all();
}

// --- writing

Result<std::uint64_t> Pipe::write(AddressSpace& space, VirtAddr from, std::uint64_t size) {
  if (size == 0) return 0;
  TRY(begin_write());
  std::uint64_t moved = 0;
  Result<> state;
  while (moved < size && state) {
    // At most a page at a time; a write that is no larger than that waits until it fits as a whole.
    const std::uint64_t step = std::min(size - moved, abi::pipe_buf);
    state = make_room(step);
    std::uint64_t copied = 0;
    while (copied < step && state) {
      const std::span<std::byte> bytes = bytes_at(tail_ + copied, step - copied);
      state = space.copy_in(bytes, from + moved + copied);
      if (state) copied += bytes.size();
    }
    publish(copied);
    moved += copied;
  }
  end_write();
  if (moved == 0) return state.error();
  return moved;
}

Result<> Pipe::begin_write() {
  const LockGuard guard(lock_);
  while (writing_) TRY(changed_.sleep(lock_));
  writing_ = true;
  return {};
}

// Waits until `size` bytes fit, and makes sure of the frames for them.
Result<> Pipe::make_room(std::uint64_t size) {
  const LockGuard guard(lock_);
  while (reader_open_ && capacity - (tail_ - head_) < size) TRY(changed_.sleep(lock_));
  if (!reader_open_) return Errno::epipe;
  for (std::uint64_t position = tail_; position < tail_ + size; position = page_floor(position) + page_size) {
    FrameRef& frame = frame_at(position);
    if (frame) continue;
    const auto fresh = pipes_.frames_.alloc(FrameKind::kernel, Content::any);
    if (!fresh) return Errno::enomem;
    frame = FrameRef(pipes_.frames_, *fresh);
  }
  return {};
}

void Pipe::publish(std::uint64_t moved) {
  const LockGuard guard(lock_);
  tail_ += moved;
  changed_.wake_all();
}

void Pipe::end_write() {
  const LockGuard guard(lock_);
  writing_ = false;
  changed_.wake_all();
}

// --- the ends

void Pipe::close_reader() {
  const LockGuard guard(lock_);
  reader_open_ = false;
  changed_.wake_all();
}

void Pipe::close_writer() {
  const LockGuard guard(lock_);
  writer_open_ = false;
  changed_.wake_all();
}

Result<std::uint64_t> PipeEnd::read(AddressSpace& space, VirtAddr to, std::uint64_t size) {
  if (side_ != Side::read) return Errno::ebadf;
  return pipe_->read(space, to, size);
}

Result<std::uint64_t> PipeEnd::write(AddressSpace& space, VirtAddr from, std::uint64_t size) {
  if (side_ != Side::write) return Errno::ebadf;
  return pipe_->write(space, from, size);
}

abi::stat PipeEnd::status() const {
  abi::stat status;
  status.st_mode = abi::s_ififo | 0600;
  status.st_ino = pipe_->number();
  status.st_nlink = 1;
  return status;
}

void PipeEnd::close() {
  if (side_ == Side::read) {
    pipe_->close_reader();
  } else {
    pipe_->close_writer();
  }
  slab_.destroy(this);
}

Result<Pipes::Ends> Pipes::make() {
  const std::uint64_t number = next_number_.fetch_add(1, relaxed);
  const auto pipe = Ref<Pipe>::adopt(TRY(pipe_slab_.make(*this, number)));
  Ref<File> reader = Ref<PipeEnd>::adopt(TRY(end_slab_.make(end_slab_, pipe, PipeEnd::Side::read)));
  Ref<File> writer = Ref<PipeEnd>::adopt(TRY(end_slab_.make(end_slab_, pipe, PipeEnd::Side::write)));
  return Ends{.reader = std::move(reader), .writer = std::move(writer)};
}

}  // namespace ox
