// The kernel's own accesses to user memory: through the same walk and the same faults as the user's (rule 9), a page
// at a time, by the direct map.
#include <algorithm>
#include <cstring>

#include "vm/space.h"

namespace ox {

Result<std::span<std::byte>> AddressSpace::pin_page(VirtAddr va, std::uint64_t size, Access access) {
  if (va > user_end || size > user_end - va) return Errno::efault;
  std::byte* const there = present(va, access);
  if (there == nullptr) [[unlikely]]
    return fault_and_pin(va, size, access);
  return std::span(there, std::min(size, page_size - va.offset()));
}

// Apart, so that a page that is there costs no saving of registers: 97 instructions become 44.
[[gnu::noinline]] Result<std::span<std::byte>> AddressSpace::fault_and_pin(VirtAddr va, std::uint64_t size,
                                                                           Access access) {
  switch (serve_fault(va, access)) {
    case FaultOutcome::denied:
    case FaultOutcome::past_end:
      return Errno::efault;
    case FaultOutcome::no_memory:
      starved_ = true;
      return Errno::enomem;
    default:
      return pin_page(va, size, access);
  }
}

// Calls f(bytes, offset) for each page's part of [va, va + size), `offset` counted from `va`.
template <class F>
static Result<> for_each_part(AddressSpace& space, VirtAddr va, std::uint64_t size, Access access, F f) {
  for (std::uint64_t offset = 0; offset < size;) {
    const std::span<std::byte> part = TRY(space.pin_page(va + offset, size - offset, access));
    f(part, offset);
    offset += part.size();
  }
  return {};
}

Result<> AddressSpace::copy_out(VirtAddr to, std::span<const std::byte> from) {
  return for_each_part(*this, to, from.size(), Access::store, [&](std::span<std::byte> part, std::uint64_t offset) {
    std::memcpy(part.data(), from.data() + offset, part.size());
  });
}

Result<> AddressSpace::copy_in(std::span<std::byte> to, VirtAddr from) {
  return for_each_part(*this, from, to.size(), Access::load, [&](std::span<std::byte> part, std::uint64_t offset) {
    std::memcpy(to.data() + offset, part.data(), part.size());
  });
}

Result<> AddressSpace::zero_out(VirtAddr to, std::uint64_t size) {
  return for_each_part(*this, to, size, Access::store,
                       [](std::span<std::byte> part, std::uint64_t) { std::memset(part.data(), 0, part.size()); });
}

Result<std::string_view> AddressSpace::copy_string_in(std::span<char> buffer, VirtAddr from) {
  std::size_t length = 0;
  while (length < buffer.size()) {
    const std::uint64_t room = std::min<std::uint64_t>(buffer.size() - length, page_size - from.offset());
    const std::span<std::byte> page = TRY(pin_page(from, room, Access::load));
    for (const std::byte byte : page) {
      buffer[length] = static_cast<char>(byte);
      if (byte == std::byte{0}) return std::string_view(buffer.data(), length);
      ++length;
    }
    from = from + page.size();
  }
  return Errno::enametoolong;
}

}  // namespace ox
