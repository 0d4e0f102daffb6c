#include "vm/space.h"

namespace ox {

AddressSpace::AddressSpace(Memory& memory, PageTable table, Regions regions, int pid)
    : memory_(&memory), table_(std::move(table)), regions_(std::move(regions)), pid_(pid) {
  table_.set_reserve(reserve());
}

Result<AddressSpace> AddressSpace::create(Memory& memory, int pid) {
  const Reserve reserve = pid == 1 ? Reserve::allowed : Reserve::kept;
  PageTable table = TRY(PageTable::create(memory, reserve));
  return AddressSpace(memory, std::move(table), TRY(Regions::create(memory, reserve)), pid);
}

void AddressSpace::set_pid(int pid) {
  pid_ = pid;
  starved_ = false;  // that was the other one's end
  table_.set_reserve(reserve());
}

void AddressSpace::activate() const {
  write_satp(table_.root());
  fence_i();
}

Result<> AddressSpace::map(VirtRange range, Prot prot, RegionKind kind) {
  if (range.empty() || range.start < user_start || range.end > user_end) return Errno::einval;
  if (prot.write && prot.execute) return Errno::eacces;  // rule 13
  if (!regions_.free(range)) return Errno::eexist;
  regions_ = TRY(regions_.with(*memory_, reserve(), {.range = range, .prot = prot, .kind = kind}));
  return {};
}

Result<VirtAddr> AddressSpace::map_anywhere(std::uint64_t size, Prot prot, RegionKind kind) {
  const VirtRange gap = TRY(regions_.gap_below(stack_limit, size));
  TRY(map(gap, prot, kind));
  return gap.start;
}

Result<> AddressSpace::map_frame(VirtAddr va, Ppn frame) {
  const Region* const region = regions_.find(va);
  if (region == nullptr) return Errno::efault;
  Path path = table_.walk(va);
  if (!path.leaf.empty()) return Errno::eexist;
  Fence fence(*memory_);
  TRY(table_.own(path, va, fence));
  fence.leaf(va);
  memory_->frames.share(frame);
  table_.install(path, va, Pte::user_leaf(frame, region->prot));
  return {};
}

Result<> AddressSpace::unmap(VirtRange range) {
  if (range.empty() || range.start < user_start || range.end > user_end) return Errno::einval;
  Regions rest = TRY(regions_.without(*memory_, reserve(), range));
  TRY(table_.unmap(range));
  regions_ = std::move(rest);
  return {};
}

Result<> AddressSpace::protect(VirtRange range, Prot prot) {
  if (range.empty() || range.start < user_start || range.end > user_end) return Errno::enomem;
  if (prot.write && prot.execute) return Errno::eacces;
  Regions changed = TRY(regions_.with_prot(*memory_, reserve(), range, prot));
  TRY(table_.protect(range, prot));
  regions_ = std::move(changed);
  return {};
}

VirtAddr AddressSpace::set_heap_end(VirtAddr end) {
  if (end < heap_start_ || end > stack_limit) return heap_end_;
  const VirtAddr old_top(page_ceil(heap_end_.value()));
  const VirtAddr new_top(page_ceil(end.value()));
  Result<> done;
  if (new_top > old_top) done = map({old_top, new_top}, {.read = true, .write = true}, RegionKind::heap);
  if (new_top < old_top) done = unmap({new_top, old_top});
  if (done) heap_end_ = end;
  return heap_end_;
}

}  // namespace ox
