// Page faults: what a store, a load or a fetch that the page table does not allow comes to (Linux: handle_mm_fault).
//
// The leaf decides as long as there is one: MAY_WRITE without W *is* copy-on-write (rule 3). Regions are asked only
// where nothing stands yet.
#include "vm/space.h"

namespace ox {

// A store to a page that others have too (Linux: wp_page_copy).
FaultOutcome AddressSpace::copy_fault(VirtAddr va, Slot slot) {
  const Ppn old = slot.leaf.frame();
  const bool zero = old == memory_->zero.ppn();
  const Result<Ppn> twin = zero ? table_.new_page(Content::zero) : table_.copy_frame(old);
  if (!twin) return FaultOutcome::no_memory;
  table_.install(slot, va, slot.leaf.with_frame(*twin).with(Pte::W));
  sfence_vma(va);
  drop_page(*memory_, old);  // only now that no hart translates to it (rule 6)
  return zero ? FaultOutcome::zeroed : FaultOutcome::copied;
}

// A store to a page that may be written and is shared, or was (Linux: do_wp_page).
[[gnu::always_inline]] inline FaultOutcome AddressSpace::write_fault(VirtAddr va, Slot slot) {
  if (!table_.own(slot, va)) return FaultOutcome::no_memory;
  // Rule 4: the last owner copies nothing.
  if (!slot.leaf.shared() && !memory_->frames.sole(slot.leaf.frame())) return copy_fault(va, slot);
  table_.install(slot, va, slot.leaf.with(Pte::W));
  sfence_vma(va);
  return FaultOutcome::granted;
}

// The first access to a page of a file: one more reference to the file's frame. A store goes on from there.
FaultOutcome AddressSpace::map_file_page(VirtAddr va, Access access, Slot slot, const Region& region) {
  Result<FrameRef> page = region.source->page(region.page_at(va));
  if (!page) return page.error() == Errno::enomem ? FaultOutcome::no_memory : FaultOutcome::past_end;
  if (!table_.own(slot, va)) return FaultOutcome::no_memory;
  slot.leaf = region.leaf(page->release());
  table_.install(slot, va, slot.leaf);
  sfence_vma(va);
  if (access != Access::store) return FaultOutcome::mapped_file;
  return write_fault(va, slot);
}

// The first access to a page of zeros: a load needs only one more reference to the zero frame.
FaultOutcome AddressSpace::first_touch(VirtAddr va, Access access, Slot slot) {
  const Region* const region = regions_.find(va);
  if (region == nullptr || !region->allows(access)) return FaultOutcome::denied;
  if (region->source) return map_file_page(va, access, slot, *region);
  if (!table_.own(slot, va)) return FaultOutcome::no_memory;
  if (access != Access::store) {
    table_.install(slot, va, Pte::user_leaf(memory_->zero.share().release(), region->prot));
    sfence_vma(va);
    return FaultOutcome::mapped_zero;
  }
  const Result<Ppn> frame = table_.new_page(Content::zero);
  if (!frame) return FaultOutcome::no_memory;
  table_.install(slot, va, Pte::user_leaf(*frame, region->prot).with(Pte::W));
  sfence_vma(va);
  return FaultOutcome::zeroed;
}

[[gnu::always_inline]] inline FaultOutcome AddressSpace::resolve(VirtAddr va, Access access) {
  if (va >= user_end) return FaultOutcome::denied;
  const Slot slot = table_.find(va);
  const Pte leaf = slot.leaf;
  if (leaf.empty()) return first_touch(va, access, slot);
  if (leaf.permits(access)) {
    sfence_vma(va);
    return FaultOutcome::spurious;
  }
  if (access != Access::store || !leaf.may_write()) return FaultOutcome::denied;
  return write_fault(va, slot);
}

FaultOutcome AddressSpace::serve(VirtAddr va, Access access) {
  const FaultOutcome outcome = resolve(va, access);
  Counters::add(memory_->here().faults[static_cast<unsigned>(outcome)]);
  return outcome;
}

FaultOutcome AddressSpace::serve_traced(VirtAddr va, Access access) {
  const auto look = [&](Ppn& frame, std::uint32_t& count) {
    if (va < user_end) frame = table_.walk(va).leaf.frame();
    if (frame != Ppn()) count = memory_->frames.record(frame).count.load(relaxed);
  };
  const Atomic<std::uint64_t>& copied = memory_->here().tables_copied;
  const std::uint64_t copied_before = copied.load(relaxed);
  Event event{.kind = Event::Kind::fault, .access = access, .pid = pid_, .va = va};
  look(event.frame_before, event.count_before);
  event.outcome = serve(va, access);
  look(event.frame_after, event.count_after);
  event.tables = static_cast<std::uint32_t>(copied.load(relaxed) - copied_before);
  memory_->sink->event(event);
  return event.outcome;
}

}  // namespace ox
