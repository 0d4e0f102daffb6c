// Makes a user's bytes [va, va + size) present for `access`, with the faults that takes, so that they can be moved with
// a lock held right after: nobody but the process itself could take them away. How many of them, up to the first that
// is not the user's; the error if that is the first of all.
#pragma once

#include "vm/space.h"

namespace ox {

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

}  // namespace ox
