// The memory that one call reads into or writes from: a range of the user's, or the pieces that an array names
// (readv(2) and its kin; Linux: iov_iter). A call is one operation, so its bytes are one object, whatever pieces they
// lie in.
//
// All pieces lie in user memory, which is checked before the first byte moves; whether anything is mapped there shows
// later. Bytes move in order, and what has moved is gone from here.
// A lock may be held around move_present() only: the faults come first, by make_present(). Nobody but the process
// itself could take the bytes away again. Owns: the array's copy. Locks: none. Fails: Errno::efault, einval for
// lengths, enomem.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "abi/file.h"
#include "sched/thread.h"
#include "vm/space.h"

namespace ox {

// A copy of the array, so that nobody changes it any more. It outlives the UserBytes that it is made for.
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
  // Linux: MAX_RW_COUNT. More than this is cut.
  static constexpr std::uint64_t most = 0x7fff'f000;

  // None yet.
  explicit UserBytes(AddressSpace& space) : space_(space) {}
  // These.
  Result<> set(VirtAddr start, std::uint64_t size) {
    if (start > user_end || size > user_end - start) return Errno::efault;
    place_ = {start, size, 0};
    left_ = std::min(size, most);
    return {};
  }
  Result<> set(const PieceArray& pieces);

  // Beyond this no regular file grows (Linux: RLIMIT_FSIZE).
  std::uint64_t file_size_limit = ~std::uint64_t{0};

  std::uint64_t left() const { return left_; }
  // No more than `size` are to be moved.
  void cut(std::uint64_t size) { left_ = std::min(left_, size); }

  // How many of the next `size` bytes can be accessed, up to the first that is not the user's; the error if that is the
  // first of all.
  Result<std::uint64_t> make_present(std::uint64_t size, Access access) const {
    UserBytes ahead = *this;
    const Result<> all = ahead.move(size, access, [](std::span<std::byte>, std::uint64_t) {});
    const std::uint64_t present = left_ - ahead.left_;
    return all || present > 0 ? Result<std::uint64_t>(present) : all.error();
  }
  // Calls f(bytes) for each part of the next `size`. False: one was not present, and nothing has moved.
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

  // The same with what faults it takes, for as much as there is room for.
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
  // What is left of the piece that is being moved, and the number of the one behind it.
  struct Place {
    VirtAddr at;
    std::uint64_t size = 0;
    std::uint64_t next = 0;
  };

  // Calls f(address, size) for each part of the next `size` bytes that lies in one page, until it says false.
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
  // Calls f(bytes, done) for each part of the next `size`.
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

// How much is moved at once, where nothing else says it.
inline constexpr std::uint64_t largest_piece = 16 * page_size;

// Calls f(size) for at most `longest` bytes at a time, up to a piece that did not move whole; between them no spin lock
// may be held. How much has moved; the error if nothing has.
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
