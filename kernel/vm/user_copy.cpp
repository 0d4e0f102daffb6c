// The kernel's own accesses to user memory. They take the user's walk and the user's faults (rule 9), a page at a time;
// the bytes are reached in the direct map.
#include <algorithm>
#include <cstring>

#include "vm/space.h"

namespace ox {

Result<std::span<std::byte>> AddressSpace::fault_in(VirtAddr va, std::uint64_t size, Access access) {
  if (va > user_end || size > user_end - va) return Errno::efault;
  std::byte* byte = present(va, access);
  for (; byte == nullptr; byte = present(va, access)) {
    const FaultOutcome outcome = handle_fault(va, access);
    if (outcome == FaultOutcome::denied) return Errno::efault;
    if (outcome == FaultOutcome::past_end) return Errno::efault;  // the user's own access would get SIGBUS
    if (outcome == FaultOutcome::no_memory) {
      oom_victim_ = true;
      return Errno::enomem;
    }
  }
  return std::span(byte, std::min(size, page_size - va.offset()));
}

// Calls f(bytes, offset) for the part of [va, va + size) in each page; `offset` is counted from `va`.
template <class F>
static Result<> for_each_part(AddressSpace& space, VirtAddr va, std::uint64_t size, Access access, F f) {
  for (std::uint64_t offset = 0; offset < size;) {
    const std::span<std::byte> part = TRY(space.fault_in(va + offset, size - offset, access));
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
    const std::span<std::byte> page = TRY(fault_in(from, room, Access::load));
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
