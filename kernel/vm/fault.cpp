// Page faults: a load, a store or a fetch that the page table does not permit (Linux: handle_mm_fault).
//
// The leaf decides as long as there is one: MAY_WRITE without W *is* copy-on-write (rule 3). The list of regions is
// consulted only where no page is mapped yet.
#include "vm/space.h"

namespace ox {

FaultOutcome AddressSpace::fault(VirtAddr va, Access access) {
  if (va >= user_end) return FaultOutcome::denied;
  const Pte leaf = tree_.walk(va);
  if (leaf.is_empty()) {
    const Region* const region = regions_.find(va);
    if (region == nullptr || !region->allows(access)) return FaultOutcome::denied;
    return first_touch(va, *region, access);
  }
  if (leaf.permits(access)) {  // the hart has used an older entry
    sfence_vma(va);
    return FaultOutcome::spurious;
  }
  if (access != Access::store || !leaf.may_write()) return FaultOutcome::denied;
  return write_fault(va, leaf);
}

// Maps the page that belongs here: the file's page, from which a store goes on to write_fault(). In other memory, a
// store gets a page of zeros of its own, any other access the zero frame. An error before set_leaf() drops `page`.
FaultOutcome AddressSpace::first_touch(VirtAddr va, const Region& region, Access access) {
  const bool store = access == Access::store;
  Result<FrameRef> page = region.source ? region.source->page(region.page_at(va))
                          : store       ? FrameRef::make(memory_->frames, FrameKind::page, Content::zero)
                                        : memory_->zero.share();
  if (!page) return page.error() == Errno::enomem ? FaultOutcome::no_memory : FaultOutcome::past_end;
  const Ppn table = tree_.own(va);
  if (table == Ppn()) return FaultOutcome::no_memory;
  const Pte leaf = region.make_leaf(page->release());
  tree_.set_leaf(table, va, store && !region.source ? leaf.with(Pte::W) : leaf);
  sfence_vma(va);  // a hart may have cached that nothing was here
  if (!region.source) return store ? FaultOutcome::zeroed : FaultOutcome::mapped_zero;
  return store ? write_fault(va, leaf) : FaultOutcome::mapped_file;
}

// A store to a page that may be written, but not without a fault (Linux: do_wp_page).
FaultOutcome AddressSpace::write_fault(VirtAddr va, Pte leaf) {
  const Ppn table = tree_.own(va);  // first: a table that is copied is one more reference to each of its pages
  if (table == Ppn()) return FaultOutcome::no_memory;
  const Ppn old = leaf.frame();
  if (leaf.is_map_shared() || !memory_->frames.is_shared(old)) {  // shared on purpose, or the last owner's (rule 4)
    tree_.set_leaf(table, va, leaf.with(Pte::W));
    sfence_vma(va);
    return FaultOutcome::granted;
  }
  const Ppn copy = tree_.copy_frame(old);
  if (copy == Ppn()) return FaultOutcome::no_memory;
  tree_.set_leaf(table, va, leaf.with_frame(copy).with(Pte::W));
  sfence_vma(va);
  drop_page(*memory_, old);  // only now: this hart has forgotten it (rule 6); others may still map it
  return old == memory_->zero.ppn() ? FaultOutcome::zeroed : FaultOutcome::copied;
}

}  // namespace ox
