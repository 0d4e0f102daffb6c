// A user's bytes made present for `access`, with the faults that takes, so that they can be moved with a lock held
// right after: nobody but the process itself could take them away.
#pragma once

#include <array>
#include <span>

#include "vm/space.h"

namespace ox {

// How many of [va, va + size), up to the first that is not the user's; the error if that is the first of all.
inline Result<std::uint64_t> make_present(AddressSpace& space, VirtAddr va, std::uint64_t size, Access access) {
  std::uint64_t done = 0;
  while (done < size) {
    const auto part = space.pin_page(va + done, size - done, access);
    if (!part && done == 0) return part.error();
    if (!part) break;
    done += part->size();
  }
  return done;
}

// The same for up to a page of them, and where they lie: in one page, or in two.
inline Result<std::array<std::span<std::byte>, 2>> pin_piece(AddressSpace& space, VirtAddr va, std::uint64_t size,
                                                             Access access) {
  const std::span<std::byte> first = TRY(space.pin_page(va, size, access));
  std::span<std::byte> second;
  if (first.size() < size) {
    if (const auto rest = space.pin_page(va + first.size(), size - first.size(), access)) second = *rest;
  }
  return std::array{first, second};
}

}  // namespace ox
