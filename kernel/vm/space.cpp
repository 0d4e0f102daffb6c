#include "vm/space.h"

namespace ox {

Result<AddressSpace> AddressSpace::create(Memory& memory, int pid) {
  PageTree tree = TRY(PageTree::create(memory));
  memory.trace.event({.kind = Event::Kind::space, .pid = pid, .level = root_level, .frame = tree.root()});
  return AddressSpace(memory, std::move(tree), TRY(Regions::create(memory)), pid);
}

void AddressSpace::set_pid(int pid) {
  pid_ = pid;
  oom_victim_ = false;  // that ended the other process
}

Result<AddressSpace> AddressSpace::fork(ForkMode mode, int child_pid) {
  memory_->trace.fork_begins();
  const std::uint64_t made = tree_.tables_made();
  Result<PageTree> tree = tree_.fork(mode);
  if (mode == ForkMode::eager) memory_->code.count();  // the child's code is in other frames
  memory_->trace.fork_ends(tree ? tree_.tables_made() - made : 0);
  AddressSpace child(*memory_, TRY(std::move(tree)), regions_.share(), child_pid);
  child.heap_start_ = heap_start_;
  child.heap_end_ = heap_end_;
  const Ppn root = child.tree_.root();
  memory_->trace.event({.kind = Event::Kind::fork, .mode = mode, .pid = pid_, .child = child_pid, .frame = root});
  return child;
}

void AddressSpace::activate() const {
  write_satp(tree_.root());
  memory_->code.fence();
}

Result<> AddressSpace::map(VirtRange range, Prot prot, RegionKind kind, Ref<PageSource> source,
                           std::uint32_t first_page) {
  if (range.empty() || range.start < user_start || range.end > user_end) return Errno::einval;
  if (prot.write && prot.execute) return Errno::eacces;  // rule 13
  if (regions_.covered(range) != 0) return Errno::eexist;
  regions_ = TRY(regions_.with(*memory_, {range, prot, kind, first_page, std::move(source)}));
  return {};
}

Result<> AddressSpace::map_frame(VirtAddr va, Ppn frame) {
  const Region* const region = regions_.find(va);
  if (region == nullptr) return Errno::efault;
  if (!tree_.walk(va).is_empty()) return Errno::eexist;
  const Ppn table = tree_.own(va);
  if (table == Ppn()) return Errno::enomem;
  memory_->frames.share(frame);
  tree_.set_leaf(table, va, Pte::user_leaf(frame, region->prot));
  sfence_vma(va);
  return {};
}

Result<> AddressSpace::populate(VirtRange range) {
  Result<> done;
  regions_.for_each(range, [&](const Region& region) {
    if (!region.allows(Access::load)) return;
    const VirtRange part = region.range.common(range);
    for (VirtAddr va = part.start; va < part.end && done; va = va + page_size) {
      if (va.index(0) == 0) interrupt_window();
      if (!tree_.walk(va).is_empty()) continue;
      if (first_touch(va, region, Access::load) == FaultOutcome::no_memory) done = Errno::enomem;
    }
  });
  return done;
}

Result<> AddressSpace::unmap(VirtRange range) {
  if (range.empty() || range.start < user_start || range.end > user_end) return Errno::einval;
  Regions rest = TRY(regions_.without(*memory_, range));
  TRY(tree_.unmap(range));
  regions_ = std::move(rest);
  return {};
}

Result<> AddressSpace::protect(VirtRange range, Prot prot) {
  if (range.empty() || range.start < user_start || range.end > user_end) return Errno::enomem;
  if (prot.write && prot.execute) return Errno::eacces;
  Regions changed = TRY(regions_.with_prot(*memory_, range, prot));
  TRY(tree_.protect(range, prot));
  regions_ = std::move(changed);
  return {};
}

Result<VirtAddr> AddressSpace::remap(VirtRange old, std::uint64_t new_size, bool may_move) {
  const Region* const region = regions_.find(old.start);
  if (region == nullptr) return Errno::efault;
  if (new_size < old.size()) TRY(unmap({old.start + new_size, old.end}));
  if (new_size <= old.size()) return old.start;
  if (old.end > region->range.end) return Errno::efault;
  const VirtRange more{old.end, old.start + new_size};
  if (old.end == region->range.end && more.end <= stack_limit && regions_.covered(more) == 0) {
    TRY(map(more, region->prot, region->kind, region->source, region->page_at(more.start)));
    return old.start;
  }
  if (!may_move) return Errno::enomem;
  Region moved = region->within(old);
  moved.range = TRY(find_gap(new_size));
  const VirtAddr start = moved.range.start;
  const Regions rest = TRY(regions_.without(*memory_, old));
  Regions changed = TRY(rest.with(*memory_, moved));
  TRY(tree_.move(old, start));
  regions_ = std::move(changed);
  return start;
}

Result<> AddressSpace::discard(VirtRange range) {
  if (range.end > user_end) return Errno::enomem;
  TRY(tree_.unmap(range));
  return regions_.covered(range) == range.size() ? Result<>() : Errno::enomem;
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
