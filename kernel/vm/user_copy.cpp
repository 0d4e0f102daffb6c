// The kernel's own accesses to user memory: through the same walk and the same faults as the user's (rule 9), a page
// at a time, by the direct map.
#include <algorithm>
#include <cstring>

#include "vm/space.h"

namespace ox {

namespace {

bool in_user_memory(VirtAddr va, std::uint64_t size) { return va <= user_end && size <= user_end - va; }

}  // namespace

Result<std::span<std::byte>> AddressSpace::pin_page(VirtAddr va, std::uint64_t size, Access access) {
  if (!in_user_memory(va, size)) return Errno::efault;
  Pte leaf = table_.walk(va).leaf;
  while (!leaf.permits(access)) {
    const FaultOutcome outcome = fault(va, access);
    if (outcome == FaultOutcome::denied) return Errno::efault;
    if (outcome == FaultOutcome::no_memory) {
      starved_ = true;
      return Errno::enomem;
    }
    leaf = table_.walk(va).leaf;
  }
  return std::span(to_pointer(leaf.frame()) + va.offset(), std::min(size, page_size - va.offset()));
}

Result<> AddressSpace::copy_out(VirtAddr to, std::span<const std::byte> from) {
  if (!in_user_memory(to, from.size())) return Errno::efault;
  while (!from.empty()) {
    const std::span<std::byte> page = TRY(pin_page(to, from.size(), Access::store));
    std::memcpy(page.data(), from.data(), page.size());
    from = from.subspan(page.size());
    to = to + page.size();
  }
  return {};
}

Result<> AddressSpace::copy_in(std::span<std::byte> to, VirtAddr from) {
  if (!in_user_memory(from, to.size())) return Errno::efault;
  while (!to.empty()) {
    const std::span<std::byte> page = TRY(pin_page(from, to.size(), Access::load));
    std::memcpy(to.data(), page.data(), page.size());
    to = to.subspan(page.size());
    from = from + page.size();
  }
  return {};
}

Result<> AddressSpace::zero_out(VirtAddr to, std::uint64_t size) {
  if (!in_user_memory(to, size)) return Errno::efault;
  while (size > 0) {
    const std::span<std::byte> page = TRY(pin_page(to, size, Access::store));
    std::memset(page.data(), 0, page.size());
    size -= page.size();
    to = to + page.size();
  }
  return {};
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
