// Page faults: what a store, a load or a fetch that the page table does not allow comes to (Linux: handle_mm_fault).
//
// The leaf decides as long as there is one: MAY_WRITE without W *is* copy-on-write (rule 3). Regions are asked only
// where nothing stands yet.
#include <algorithm>

#include "vm/space.h"

namespace ox {

// `table` is none where the path to `va` is not owned. False: no memory to make it so.
[[gnu::always_inline]] inline bool AddressSpace::own(Ppn& table, VirtAddr va) {
  if (table == Ppn()) [[unlikely]]
    table = table_.own(va);
  return table != Ppn();
}

// A store to a page that others have too (Linux: wp_page_copy).
FaultOutcome AddressSpace::copy_fault(VirtAddr va, Ppn table, Pte leaf) {
  const Ppn old = leaf.frame();
  const bool zero = old == memory_->zero.ppn();
  const Ppn twin = zero ? table_.new_page(Content::zero) : table_.copy_frame(old);
  if (twin == Ppn()) return FaultOutcome::no_memory;
  table_.install(table, va, leaf.with_frame(twin).with(Pte::W));
  sfence_vma(va);
  drop_page(*memory_, old);  // only now that no hart translates to it (rule 6)
  return zero ? FaultOutcome::zeroed : FaultOutcome::copied;
}

// A store to a page that may be written and is shared, or was (Linux: do_wp_page). What is seldom needed is done
// before, in a function of its own that ends here: so there is no call in this one, and it saves no registers (24
// instructions).
[[gnu::always_inline]] inline FaultOutcome AddressSpace::write_page(VirtAddr va, Ppn table, Pte leaf) {
  if (table == Ppn()) [[unlikely]]
    return write_fault(va, table, leaf);
  // Rule 4: the last owner copies nothing.
  if (!leaf.shared() && !memory_->frames.sole(leaf.frame())) return copy_fault(va, table, leaf);
  if (!table_.marked(table, va, true)) [[unlikely]]
    return write_fault(va, table, leaf);
  Table::at(table).set(va.index(0), leaf.with(Pte::W));
  sfence_vma(va);
  return FaultOutcome::granted;
}

FaultOutcome AddressSpace::write_fault(VirtAddr va, Ppn table, Pte leaf) {
  if (!own(table, va)) return FaultOutcome::no_memory;
  if (!table_.marked(table, va, true)) table_.mark(va, true);
  return write_page(va, table, leaf);
}

// The first access to a page of a file: one more reference to the file's frame. A store goes on from there.
FaultOutcome AddressSpace::map_file_page(VirtAddr va, Access access, Ppn table, const Region& region) {
  Result<FrameRef> page = region.source->page(region.page_at(va));
  if (!page) return page.error() == Errno::enomem ? FaultOutcome::no_memory : FaultOutcome::past_end;
  if (!own(table, va)) return FaultOutcome::no_memory;
  const Pte leaf = region.leaf(page->release());
  table_.install(table, va, leaf);
  sfence_vma(va);
  if (access != Access::store) return FaultOutcome::mapped_file;
  return write_fault(va, table, leaf);
}

// The first load or fetch of a page of zeros: one more reference to the zero frame.
FaultOutcome AddressSpace::map_for_load(VirtAddr va, Access access, Ppn table, const Region& region) {
  if (region.source) return map_file_page(va, access, table, region);
  if (!own(table, va)) return FaultOutcome::no_memory;
  table_.install(table, va, Pte::user_leaf(memory_->zero.share().release(), region.prot));
  sfence_vma(va);
  return FaultOutcome::mapped_zero;
}

FaultOutcome AddressSpace::first_load(VirtAddr va, Access access, Ppn table) {
  const Region* const region = regions_.find(va);
  if (region == nullptr || !region->allows(access)) return FaultOutcome::denied;
  return map_for_load(va, access, table, *region);
}

// One walk for the pages of a table: exec maps a program so.
Result<> AddressSpace::populate(VirtRange range) {
  for (VirtAddr va = range.start; va < range.end;) {
    const Region* const region = regions_.find(va);
    if (region == nullptr || !region->allows(Access::load)) {  // a load would be denied: nothing to do
      va = region != nullptr ? region->range.end : va + page_size;
      continue;
    }
    interrupt_window();
    const Ppn table = table_.own(va);
    if (table == Ppn()) return Errno::enomem;
    const VirtAddr next_table((va.value() | (entry_span(1) - 1)) + 1);
    for (const VirtAddr end = std::min({range.end, region->range.end, next_table}); va < end; va = va + page_size) {
      if (!Table::at(table).get(va.index(0)).empty()) continue;
      if (map_for_load(va, Access::load, table, *region) == FaultOutcome::no_memory) return Errno::enomem;
      table_.tell_entry(table, 0, va.index(0), Pte(), Table::at(table).get(va.index(0)));
    }
  }
  return {};
}

// The first store to one.
FaultOutcome AddressSpace::first_store(VirtAddr va, Ppn table) {
  const Region* const region = regions_.find(va);
  if (region == nullptr || !region->prot.write) return FaultOutcome::denied;
  if (region->source) return map_file_page(va, Access::store, table, *region);
  if (!own(table, va)) return FaultOutcome::no_memory;
  // Frames that are zeros already are left to tables.
  const Ppn frame = table_.new_page(Content::any);
  if (frame == Ppn()) return FaultOutcome::no_memory;
  zero_page(to_pointer(frame));
  table_.install(table, va, Pte::user_leaf(frame, {.read = true, .write = true}).with(Pte::W));  // no X: rule 13
  sfence_vma(va);
  return FaultOutcome::zeroed;
}

[[gnu::always_inline]] inline FaultOutcome AddressSpace::decide(VirtAddr va, Access access, Ppn table, Pte leaf) {
  if (leaf.empty()) return access == Access::store ? first_store(va, table) : first_load(va, access, table);
  if (leaf.permits(access)) {
    sfence_vma(va);
    return FaultOutcome::spurious;
  }
  if (access != Access::store || !leaf.may_write()) return FaultOutcome::denied;
  return write_page(va, table, leaf);
}

// Every call here and in decide() is the last thing done, so no stack frame is needed on the way to what is.
[[gnu::optimize("omit-frame-pointer")]] FaultOutcome AddressSpace::fault(VirtAddr va, Access access) {
  if (va >= user_end) return FaultOutcome::denied;
  const Ppn table = table_.find_owned(va);
  return table != Ppn() ? decide(va, access, table, Table::at(table).get(va.index(0))) : fault_unowned(va, access);
}

FaultOutcome AddressSpace::fault_unowned(VirtAddr va, Access access) {
  return decide(va, access, Ppn(), table_.leaf(va));
}

FaultOutcome AddressSpace::fault_traced(VirtAddr va, Access access) {
  Event event{.kind = Event::Kind::fault, .access = access, .pid = pid_, .index = va.index(0), .va = va};
  const auto look = [&](Pte& leaf, std::uint32_t& count) {
    if (va >= user_end) return;
    leaf = table_.leaf(va);
    if (!leaf.empty()) count = memory_->frames.record(leaf.frame()).count.load(relaxed);
  };
  memory_->sink->begin(Event::Kind::fault);
  const Atomic<std::uint64_t>& copied = memory_->here().tables_copied;
  const std::uint64_t copied_before = copied.load(relaxed);
  look(event.before, event.count_before);
  event.outcome = fault(va, access);
  look(event.after, event.count_after);
  if (va < user_end) event.frame = table_.find_owned(va);
  event.tables = static_cast<std::uint32_t>(copied.load(relaxed) - copied_before);
  event.where = std::source_location::current();
  memory_->sink->event(event);
  return event.outcome;
}

}  // namespace ox
