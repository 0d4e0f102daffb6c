// A user's bytes made present for `access`, with the faults that takes, so that they can be moved with a lock held
// right after: nobody but the process itself could take them away. And moved in pieces, so that this is never long.
#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "sched/thread.h"
#include "vm/space.h"

namespace ox {

// How many of [va, va + size), up to the first that is not the user's; the error if that is the first of all.
inline Result<std::uint64_t> make_present(AddressSpace& space, VirtAddr va, std::uint64_t size, Access access) {
  std::uint64_t done = 0;
  while (done < size) {
    const auto part = space.fault_in(va + done, size - done, access);
    if (!part && done == 0) return part.error();
    if (!part) break;
    done += part->size();
  }
  return done;
}

// How much is moved at once, where nothing else says it.
inline constexpr std::uint64_t largest_piece = 16 * page_size;

// Calls f(bytes before, size) for each piece of at most `longest` bytes, up to one that was not moved whole, or until
// the process is killed; between them no spin lock may be held. How much was moved; the error if nothing was.
template <class F>
Result<std::uint64_t> in_pieces(std::uint64_t size, std::uint64_t longest, F f) {
  std::uint64_t moved = 0;
  while (moved < size) {
    const std::uint64_t piece = std::min(size - moved, longest);
    const Result<std::uint64_t> part = f(moved, piece);
    if (!part) return moved > 0 ? Result<std::uint64_t>(moved) : part;
    moved += *part;
    if (*part < piece || this_thread_is_killed()) break;
    interrupt_window();
  }
  return moved;
}

// Up to a page of a user's bytes where they lie: in one page, or in two.
using Piece = std::array<std::span<std::byte>, 2>;

// Whether all of [va, va + size) is present for `access`; then `piece` is where.
inline bool find_present(const AddressSpace& space, VirtAddr va, std::uint64_t size, Access access, Piece& piece) {
  const std::uint64_t first = std::min(size, page_size - va.offset());
  std::byte* const start = space.present(va, access);
  std::byte* const rest = first < size ? space.present(va + first, access) : start;
  if (start == nullptr || rest == nullptr) return false;
  piece = {std::span(start, first), std::span(rest, size - first)};
  return true;
}

}  // namespace ox
