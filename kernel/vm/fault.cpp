// Page faults: what a store, a load or a fetch that the page table does not allow comes to (Linux: handle_mm_fault).
//
// The leaf decides as long as there is one: MAY_WRITE without W *is* copy-on-write (rule 3). Regions are asked only
// where nothing stands yet.
#include "vm/space.h"

namespace ox {

FaultOutcome AddressSpace::fault(VirtAddr va, Access access) {
  Counters& counters = memory_->here();
  const std::uint64_t tables = counters.tables_copied.load(relaxed);
  const std::uint32_t count_before = memory_->sink != nullptr ? reference_count(va) : 0;
  Path path = va < user_end ? table_.walk(va) : Path();
  const FaultOutcome outcome = va < user_end ? resolve(va, access, path) : FaultOutcome::denied;
  Counters::add(counters.faults[static_cast<unsigned>(outcome)]);
  if (memory_->sink != nullptr) [[unlikely]] {
    const Pte after = va < user_end ? table_.walk(va).leaf : Pte();
    memory_->sink->event({.kind = Event::Kind::fault,
                          .access = access,
                          .outcome = outcome,
                          .pid = pid_,
                          .va = va,
                          .frame_before = path.leaf.frame(),
                          .frame_after = after.frame(),
                          .count_before = count_before,
                          .count_after = reference_count(va),
                          .tables = static_cast<std::uint32_t>(counters.tables_copied.load(relaxed) - tables)});
  }
  return outcome;
}

FaultOutcome AddressSpace::resolve(VirtAddr va, Access access, Path& path) {
  const Pte leaf = path.leaf;
  if (leaf.empty()) return first_touch(va, access, path);
  if (leaf.permits(access)) {
    sfence_vma(va);
    return FaultOutcome::spurious;
  }
  if (access != Access::store || !leaf.may_write()) return FaultOutcome::denied;
  return write_fault(va, path);
}

// A store to a page that may be written and is shared, or was (Linux: do_wp_page).
FaultOutcome AddressSpace::write_fault(VirtAddr va, Path& path) {
  Fence fence(*memory_);
  if (!table_.own(path, va, fence)) return FaultOutcome::no_memory;
  const Pte leaf = path.leaf;
  fence.leaf(va);
  if (memory_->frames.sole(leaf.frame())) {  // rule 4: the last owner copies nothing
    table_.install(path, va, leaf.with(Pte::W));
    return FaultOutcome::granted;
  }
  const bool zero = leaf.frame() == memory_->zero.ppn();
  const Result<Ppn> twin = zero ? table_.zero_frame() : table_.copy_frame(leaf.frame());
  if (!twin) return FaultOutcome::no_memory;
  table_.install(path, va, leaf.with_frame(*twin).with(Pte::W));
  fence.drop_after(leaf.frame(), -1);
  return zero ? FaultOutcome::zeroed : FaultOutcome::copied;
}

// The first access to a page of zeros: a load needs only one more reference to the zero frame.
FaultOutcome AddressSpace::first_touch(VirtAddr va, Access access, Path& path) {
  const Region* const region = regions_.find(va);
  if (region == nullptr || !region->allows(access)) return FaultOutcome::denied;
  Fence fence(*memory_);
  if (!table_.own(path, va, fence)) return FaultOutcome::no_memory;
  fence.leaf(va);
  if (access == Access::store) {
    const Result<Ppn> frame = table_.zero_frame();
    if (!frame) return FaultOutcome::no_memory;
    table_.install(path, va, Pte::user_leaf(*frame, region->prot).with(Pte::W));
    return FaultOutcome::zeroed;
  }
  table_.install(path, va, Pte::user_leaf(memory_->zero.share().release(), region->prot));
  return FaultOutcome::mapped_zero;
}

std::uint32_t AddressSpace::reference_count(VirtAddr va) const {
  const Ppn frame = va < user_end ? table_.walk(va).leaf.frame() : Ppn();
  return frame == Ppn() ? 0 : memory_->frames.record(frame).count.load(relaxed);
}

}  // namespace ox
