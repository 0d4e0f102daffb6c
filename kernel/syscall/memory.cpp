// brk, mmap and its relatives.
#include "abi/memory.h"

#include <algorithm>
#include <array>

#include "fs/file_system.h"
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

// The source of pages for a mapping of a file. Changes `kind` to shared_view for a shared mapping of a file that is not
// open for writing.
Result<Ref<PageSource>> source_of_file(Call call, std::uint32_t fd, RegionKind& kind, Prot prot) {
  File* const file = TRY(call.file(fd));
  const std::uint32_t access = file->flags() & abi::o_accmode;
  const bool shared = kind == RegionKind::shared;
  if (shared && access != abi::o_rdwr) kind = RegionKind::shared_view;
  if (access == abi::o_wronly || (kind == RegionKind::shared_view && prot.write)) return Errno::eacces;
  return file->inode()->pages(shared);
}

// A page that no file has, and no file has a page after it. Larger offsets are cut to this one, because regions count
// pages in 32 bits.
constexpr std::uint64_t beyond_all_files = std::uint64_t{1} << 31;
static_assert(beyond_all_files >= FilePages::max_pages);

// Whether RLIMIT_AS lets `more` bytes be mapped, in place of the mappings in `instead`. The stack does not count,
// because all of it is mapped from the start.
Result<> may_map(Call call, std::uint64_t more, VirtRange instead = {}) {
  const std::uint64_t limit = call.self.limits.space.rlim_cur;
  if (limit == abi::rlim_infinity) return {};
  const Regions& regions = call.space().regions();
  const std::uint64_t kept = regions.covered({user_start, stack_limit}) - regions.covered(instead);
  return kept <= limit && more <= limit - kept ? Result<>() : Errno::enomem;
}

// The place for `size` bytes: at `hint`, if they fit there; otherwise the kernel chooses.
Result<VirtRange> place_near(Call call, VirtAddr hint, std::uint64_t size) {
  const VirtAddr start(page_ceil(hint.value()));
  const bool inside = start >= user_start && start < stack_limit && size <= stack_limit - start;
  if (inside && call.space().regions().covered({start, start + size}) == 0) return VirtRange{start, start + size};
  return call.space().find_gap(size);
}

// Populates a range, one table's pages at a time, so that SIGKILL can end it. Errors are ignored: the first access to a
// page will meet them again.
void populate(Call call, VirtRange range) {
  while (!range.empty() && !call.self.thread.killed.load(relaxed)) {
    const VirtRange piece = range.common({range.start, range.start + entry_span(1)});
    if (!call.space().populate(piece)) break;
    range.start = piece.end;
  }
  call.kernel().memory.code.fence();
}

// Errno::enomem unless all of `range` is mapped.
Answer expect_mapped(Call call, VirtRange range) {
  return call.space().regions().covered(range) == range.size() ? Answer(0) : Errno::enomem;
}

}  // namespace

Answer sys_brk(Call call, VirtAddr end) {
  const VirtAddr now = call.space().set_heap_end(VirtAddr());
  return end > now && !may_map(call, end - now) ? now.value() : call.space().set_heap_end(end).value();
}

Answer sys_mmap(Call call, VirtAddr address, std::uint64_t length, std::uint64_t protection, std::uint64_t flags,
                std::uint32_t fd, std::uint64_t offset) {
  constexpr std::uint64_t populated = abi::map_locked | abi::map_populate;  // the same, because nothing is swapped out
  constexpr std::uint64_t known = abi::map_type | abi::map_fixed | abi::map_fixed_noreplace | abi::map_anonymous |
                                  abi::map_noreserve | abi::map_stack | populated;
  constexpr std::uint64_t fixed = abi::map_fixed | abi::map_fixed_noreplace;
  const std::uint64_t size = page_ceil(length);
  const bool shared = (flags & abi::map_type) == abi::map_shared;
  if ((flags & ~known) != 0 || (!shared && (flags & abi::map_type) != abi::map_private)) return Errno::einval;
  if (length == 0 || offset % page_size != 0) return Errno::einval;
  if (size == 0) return Errno::enomem;
  const Prot prot = prot_of(protection);
  if (prot.write && prot.execute) return Errno::eacces;
  const bool anonymous = (flags & abi::map_anonymous) != 0;
  Ref<PageSource> source;
  RegionKind kind = shared ? RegionKind::shared : RegionKind::mapping;
  if (!anonymous) source = TRY(source_of_file(call, fd, kind, prot));
  if (anonymous && shared) source = TRY(call.kernel().fs.make_shared_memory(size));
  const std::uint64_t first_page = anonymous ? 0 : std::min(offset / page_size, beyond_all_files);
  const VirtRange range =
      (flags & fixed) == 0 ? TRY(place_near(call, address, size)) : TRY(page_range(address, size, Errno::enomem));
  TRY(may_map(call, size, range));
  if ((flags & abi::map_fixed) != 0) TRY(call.space().unmap(range));
  TRY(call.space().map(range, prot, kind, std::move(source), static_cast<std::uint32_t>(first_page)));
  if ((flags & populated) != 0) populate(call, range);
  return range.start.value();
}

Answer sys_munmap(Call call, VirtAddr start, std::uint64_t length) {
  if (length == 0) return Errno::einval;
  return call.space().unmap(TRY(page_range(start, length, Errno::einval)));
}

Answer sys_mprotect(Call call, VirtAddr start, std::uint64_t length, std::uint64_t protection) {
  const VirtRange range = TRY(page_range(start, length, Errno::enomem));
  if (range.empty()) return 0;
  if ((protection & ~(abi::prot_read | abi::prot_write | abi::prot_exec | abi::prot_sem)) != 0) return Errno::einval;
  return call.space().protect(range, prot_of(protection));
}

// MREMAP_FIXED is not supported.
Answer sys_mremap(Call call, VirtAddr start, std::uint64_t old_length, std::uint64_t new_length, std::uint64_t flags) {
  const std::uint64_t new_size = page_ceil(new_length);
  if ((flags & ~abi::mremap_maymove) != 0 || old_length == 0 || new_length == 0) return Errno::einval;
  if (new_size == 0 || new_size > user_end.value()) return Errno::enomem;
  const VirtRange range = TRY(page_range(start, old_length, Errno::efault));
  if (new_size > range.size()) TRY(may_map(call, new_size - range.size()));
  return TRY(call.space().remap(range, new_size, (flags & abi::mremap_maymove) != 0)).value();
}

// Advice that ox may ignore, or fulfils anyway, succeeds. All other advice fails, because programs test for support by
// giving it.
Answer sys_madvise(Call call, VirtAddr start, std::uint64_t length, int advice) {
  constexpr std::array granted{abi::madv_normal,   abi::madv_random,   abi::madv_sequential,
                               abi::madv_willneed, abi::madv_dontneed, abi::madv_dofork,
                               abi::madv_dontdump, abi::madv_dodump,   abi::madv_keeponfork};
  const VirtRange range = TRY(page_range(start, length, Errno::einval));
  if (std::ranges::find(granted, advice) == granted.end()) return Errno::einval;
  if (advice == abi::madv_dontneed && !range.empty()) return call.space().discard(range);
  return expect_mapped(call, range);
}

// Only checks its arguments: a shared mapping maps the file's own pages, so there is nothing to write back.
Answer sys_msync(Call call, VirtAddr start, std::uint64_t length, std::uint64_t flags) {
  constexpr std::uint64_t both = abi::ms_async | abi::ms_sync;
  if ((flags & ~(both | abi::ms_invalidate)) != 0 || (flags & both) == both) return Errno::einval;
  return expect_mapped(call, TRY(page_range(start, length, Errno::enomem)));
}

// A program has written code through one mapping, and will run it through another (glibc: __riscv_flush_icache). Other
// harts fence when they run it, so the range and "this hart alone" (flag 1) make no difference.
Answer sys_riscv_flush_icache(Call call, VirtAddr, VirtAddr, std::uint64_t flags) {
  if ((flags & ~std::uint64_t{1}) != 0) return Errno::einval;
  call.kernel().memory.code.count();
  call.kernel().memory.code.fence();
  return 0;
}

}  // namespace ox
