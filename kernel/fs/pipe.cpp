#include "fs/pipe.h"

#include <algorithm>

namespace ox {

namespace {

// The faults that an access to these bytes needs.
Result<> fault_in(AddressSpace& space, VirtAddr va, std::uint64_t size, Access access) {
  for (std::uint64_t done = 0; done < size;) done += TRY(space.pin_page(va + done, size - done, access)).size();
  return {};
}

}  // namespace

void Pipe::destroy(Pipe* pipe) { pipe->pipes_.pipe_slab_.destroy(pipe); }

// The part of `size` bytes at `position` that lies in one frame.
Result<std::span<std::byte>> Pipe::place(std::uint64_t position, std::uint64_t size) {
  FrameRef& frame = frames_[position % capacity / page_size];
  if (!frame) frame = TRY(FrameRef::make(pipes_.frames_, FrameKind::kernel));
  const std::uint64_t in_page = position % page_size;
  return std::span(frame.bytes() + in_page, std::min(page_size - in_page, size));
}

Result<std::uint64_t> Pipe::read(AddressSpace& space, VirtAddr to, std::uint64_t size) {
  for (;;) {
    std::uint64_t wanted = 0;
    {
      const LockGuard guard(lock_);
      while (size > 0 && head_ == tail_ && writer_open_) TRY(changed_.sleep(lock_));
      wanted = std::min(size, tail_ - head_);
    }
    if (wanted == 0) return 0;
    TRY(fault_in(space, to, wanted, Access::store));
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
    changed_.wake_all();
    return wanted;
  }
}

Result<std::uint64_t> Pipe::write(AddressSpace& space, VirtAddr from, std::uint64_t size) {
  std::uint64_t moved = 0;
  while (moved < size) {
    const std::uint64_t piece = std::min(size - moved, abi::pipe_buf);
    const Result<> written = write_piece(space, from + moved, piece);
    if (!written) return moved > 0 ? Result<std::uint64_t>(moved) : written.error();
    moved += piece;
  }
  return moved;
}

Result<> Pipe::write_piece(AddressSpace& space, VirtAddr from, std::uint64_t size) {
  TRY(fault_in(space, from, size, Access::load));
  const LockGuard guard(lock_);
  while (reader_open_ && capacity - (tail_ - head_) < size) TRY(changed_.sleep(lock_));
  if (!reader_open_) return Errno::epipe;
  for (std::uint64_t moved = 0; moved < size;) {
    const std::span<std::byte> bytes = TRY(place(tail_ + moved, size - moved));
    TRY(space.copy_in(bytes, from + moved));
    moved += bytes.size();
  }
  tail_ += size;
  changed_.wake_all();
  return {};
}

void Pipe::close(PipeSide side) {
  const LockGuard guard(lock_);
  (side == PipeSide::read ? reader_open_ : writer_open_) = false;
  changed_.wake_all();
}

Result<std::uint64_t> PipeEnd::read(AddressSpace& space, VirtAddr to, std::uint64_t size) {
  if (side_ != PipeSide::read) return Errno::ebadf;
  return pipe_->read(space, to, size);
}

Result<std::uint64_t> PipeEnd::write(AddressSpace& space, VirtAddr from, std::uint64_t size) {
  if (side_ != PipeSide::write) return Errno::ebadf;
  return pipe_->write(space, from, size);
}

abi::stat PipeEnd::status() const {
  abi::stat status;
  status.st_mode = abi::s_ififo | 0600;
  status.st_ino = to_phys(pipe_.get()).value();  // no other pipe has it
  status.st_nlink = 1;
  return status;
}

void PipeEnd::close() {
  pipe_->close(side_);
  pipes_.end_slab_.destroy(this);
}

Result<Pipes::Ends> Pipes::make() {
  const auto pipe = Ref<Pipe>::adopt(TRY(pipe_slab_.make(*this)));
  Ref<File> reader = Ref<PipeEnd>::adopt(TRY(end_slab_.make(*this, pipe, PipeSide::read)));
  Ref<File> writer = Ref<PipeEnd>::adopt(TRY(end_slab_.make(*this, pipe, PipeSide::write)));
  return Ends{.reader = std::move(reader), .writer = std::move(writer)};
}

}  // namespace ox
