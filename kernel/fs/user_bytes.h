// The user memory that one system call reads into or writes from: one range, or several pieces (readv(2) and its kin;
// Linux: iov_iter). The call is one operation whatever its pieces are, so one object stands for all of its bytes.
//
// All pieces lie in user memory; this is checked before the first byte moves. Whether pages are mapped there shows only
// when bytes move. Bytes move in order, and the object then stands for the rest.
// Only move_present() may be called with a spin lock held. make_present() takes the page faults before; only the
// process itself could make the pages absent again.
//
// Owns: the copy of the array. Locks: none. Fails: Errno::efault, Errno::einval for a negative length, Errno::enomem.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "abi/file.h"
#include "sched/thread.h"
#include "vm/space.h"

namespace ox {

// The kernel's copy of the array of pieces, so that a program cannot change it any more. It must outlive the UserBytes
// that refers to it.
class PieceArray {
 public:
  Result<> copy_in(AddressSpace& space, VirtAddr from, std::uint64_t count);
  const abi::iovec& at(std::uint64_t index) const { return first_in(frames_[index / a_frame])[index % a_frame]; }
  std::uint64_t count() const { return count_; }

 private:
  static constexpr std::uint64_t a_frame = page_size / sizeof(abi::iovec);
  static abi::iovec* first_in(const FrameRef& frame) { return reinterpret_cast<abi::iovec*>(frame.bytes()); }

  std::uint64_t count_ = 0;
  std::array<FrameRef, abi::uio_maxiov / a_frame> frames_;
};

class UserBytes {
 public:
  // The most that one call moves (Linux: MAX_RW_COUNT).
  static constexpr std::uint64_t most = 0x7fff'f000;

  // No bytes yet.
  explicit UserBytes(AddressSpace& space) : space_(space) {}
  // Sets the bytes. Errno::efault if a piece leaves user memory.
  Result<> set(VirtAddr start, std::uint64_t size) {
    if (start > user_end || size > user_end - start) return Errno::efault;
    place_ = {start, size, 0};
    left_ = std::min(size, most);
    return {};
  }
  Result<> set(const PieceArray& pieces);

  // A write must not make a regular file longer than this (Linux: RLIMIT_FSIZE).
  std::uint64_t file_size_limit = ~std::uint64_t{0};

  std::uint64_t left() const { return left_; }
  // Limits the bytes to the first `size`.
  void cut(std::uint64_t size) { left_ = std::min(left_, size); }

  // Takes the page faults for the next `size` bytes. Returns how many bytes can be accessed before the first that
  // fails; the error if it is the very first.
  Result<std::uint64_t> make_present(std::uint64_t size, Access access) const {
    UserBytes ahead = *this;
    const Result<> all = ahead.move(size, access, [](std::span<std::byte>, std::uint64_t) {});
    const std::uint64_t present = left_ - ahead.left_;
    return all || present > 0 ? Result<std::uint64_t>(present) : all.error();
  }
  // Calls f(bytes) for each part of the next `size` bytes, which then have moved. False: a page was not present, and
  // nothing has moved. No page fault happens here.
  template <class F>
  bool move_present(std::uint64_t size, Access access, F f) {
    Place place = place_;
    const bool all = for_each_part(place, size, [&](VirtAddr va, std::uint64_t part) {
      std::byte* const bytes = space_.present(va, access);
      if (bytes != nullptr) f(std::span(bytes, part));
      return bytes != nullptr;
    });
    if (!all) return false;
    place_ = place;
    left_ -= size;
    return true;
  }

  // Copy all of `from` out, or fill all of `to`, with the page faults that it takes. No spin lock may be held, unless
  // make_present() came before.
  Result<> copy_out(std::span<const std::byte> from) {
    return move(from.size(), Access::store, [&](std::span<std::byte> part, std::uint64_t done) {
      std::memcpy(part.data(), from.data() + done, part.size());
    });
  }
  Result<> copy_in(std::span<std::byte> to) {
    return move(to.size(), Access::load, [&](std::span<std::byte> part, std::uint64_t done) {
      std::memcpy(to.data() + done, part.data(), part.size());
    });
  }

 private:
  // The rest of the current piece, and the number of the next piece.
  struct Place {
    VirtAddr at;
    std::uint64_t size = 0;
    std::uint64_t next = 0;
  };

  // Calls f(address, size) for each part of the next `size` bytes that lies in one page, until f returns false.
  template <class F>
  bool for_each_part(Place& place, std::uint64_t size, F f) const {
    while (size > 0) {
      if (place.size == 0) {
        const abi::iovec& piece = pieces_->at(place.next);
        place = {VirtAddr(piece.iov_base), piece.iov_len, place.next + 1};
        continue;
      }
      const std::uint64_t part = std::min({size, place.size, page_size - place.at.offset()});
      if (!f(place.at, part)) return false;
      place = {place.at + part, place.size - part, place.next};
      size -= part;
    }
    return true;
  }
  // Calls f(bytes, done) for each part of the next `size` bytes, with the page faults that it takes.
  template <class F>
  Result<> move(std::uint64_t size, Access access, F f) {
    Result<> result;
    for_each_part(place_, size, [&, done = std::uint64_t{0}](VirtAddr va, std::uint64_t part) mutable {
      const auto bytes = space_.fault_in(va, part, access);
      if (!bytes) result = bytes.error();
      if (!bytes) return false;
      f(*bytes, done);
      done += part;
      left_ -= part;
      return true;
    });
    return result;
  }

  AddressSpace& space_;
  Place place_;
  const PieceArray* pieces_ = nullptr;
  std::uint64_t left_ = 0;
};

// The most bytes that move in one piece, unless a file has a smaller limit.
inline constexpr std::uint64_t largest_piece = 16 * page_size;

// Calls f(size) again and again, for at most `longest` bytes at a time, until all bytes have moved or a call moves
// fewer than `size`. Opens an interrupt window after each call, so no spin lock may be held. Returns how many bytes
// have moved; an error only if none has.
template <class F>
Result<std::uint64_t> in_pieces(const UserBytes& bytes, std::uint64_t longest, F f) {
  std::uint64_t moved = 0;
  while (bytes.left() > 0) {
    const std::uint64_t piece = std::min(bytes.left(), longest);
    const Result<std::uint64_t> part = f(piece);
    if (!part) return moved > 0 ? Result<std::uint64_t>(moved) : part;
    moved += *part;
    if (*part < piece || this_thread_is_killed()) break;
    interrupt_window();
  }
  return moved;
}

}  // namespace ox
