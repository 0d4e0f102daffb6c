// brk, mmap, munmap, mprotect: private anonymous memory.
#include "abi/memory.h"

#include "syscall/call.h"

namespace ox {

namespace {

Prot prot_of(std::uint64_t bits) {
  return {.read = (bits & abi::prot_read) != 0,
          .write = (bits & abi::prot_write) != 0,
          .execute = (bits & abi::prot_exec) != 0};
}

// The pages of [start, start + size): Errno::einval if `start` is not page-aligned, `otherwise` if it leaves user
// memory.
Result<VirtRange> page_range(VirtAddr start, std::uint64_t size, Errno otherwise) {
  if (start.offset() != 0) return Errno::einval;
  if (start > user_end || size > user_end - start) return otherwise;
  return VirtRange{start, start + page_ceil(size)};
}

}  // namespace

Answer sys_brk(Call& call) { return call.space().set_heap_end(call.pointer(0)).value(); }

// Addresses are the kernel's choice, but for MAP_FIXED and MAP_FIXED_NOREPLACE.
Answer sys_mmap(Call& call) {
  constexpr std::uint64_t known = abi::map_type | abi::map_fixed | abi::map_fixed_noreplace | abi::map_anonymous |
                                  abi::map_noreserve | abi::map_stack | abi::map_growsdown | abi::map_locked |
                                  abi::map_populate;
  constexpr std::uint64_t fixed = abi::map_fixed | abi::map_fixed_noreplace;
  const std::uint64_t flags = call.arg(3);
  const std::uint64_t size = page_ceil(call.arg(1));
  if ((flags & ~known) != 0 || (flags & abi::map_type) != abi::map_private || call.arg(1) == 0) return Errno::einval;
  if ((flags & abi::map_anonymous) == 0) return Errno::enosys;
  if (size == 0) return Errno::enomem;
  const Prot prot = prot_of(call.arg(2));
  if ((flags & fixed) == 0) return TRY(call.space().map_anywhere(size, prot, RegionKind::mapping)).value();
  const VirtRange range = TRY(page_range(call.pointer(0), size, Errno::enomem));
  if (prot.write && prot.execute) return Errno::eacces;
  if ((flags & abi::map_fixed_noreplace) == 0) TRY(call.space().unmap(range));
  TRY(call.space().map(range, prot, RegionKind::mapping));
  return range.start.value();
}

Answer sys_munmap(Call& call) {
  if (call.arg(1) == 0) return Errno::einval;
  TRY(call.space().unmap(TRY(page_range(call.pointer(0), call.arg(1), Errno::einval))));
  return 0;
}

Answer sys_mprotect(Call& call) {
  const VirtRange range = TRY(page_range(call.pointer(0), call.arg(1), Errno::enomem));
  if (range.empty()) return 0;
  TRY(call.space().protect(range, prot_of(call.arg(2))));
  return 0;
}

}  // namespace ox
