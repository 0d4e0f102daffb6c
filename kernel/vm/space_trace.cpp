// Faults of an address space, as they are counted and reported. What they do is in fault.cpp.
#include "vm/space.h"

namespace ox {

FaultOutcome AddressSpace::handle_fault(VirtAddr va, Access access) {
  const bool listened = memory_->trace.sink != nullptr;
  const FaultOutcome outcome = listened ? reported_fault(va, access) : fault(va, access);
  memory_->code.fence();  // the page may be code
  Counters::add(memory_->trace.here().faults[static_cast<unsigned>(outcome)]);
  return outcome;
}

FaultOutcome AddressSpace::reported_fault(VirtAddr va, Access access) {
  Event event{.kind = Event::Kind::fault, .access = access, .pid = pid_, .index = va.index(0), .va = va};
  const auto look = [&](Pte& leaf, std::uint32_t& count) {
    if (va >= user_end) return;
    leaf = tree_.walk(va);
    if (!leaf.is_empty()) count = memory_->frames.record(leaf.frame()).count.load(relaxed);
  };
  Tracepoints& trace = memory_->trace;
  trace.sink->begin(Event::Kind::fault);
  const std::uint64_t copied_before = trace.here().tables_copied.load(relaxed);
  look(event.before, event.count_before);
  event.outcome = fault(va, access);
  look(event.after, event.count_after);
  if (va < user_end) event.frame = tree_.find_owned(va);
  event.tables = static_cast<std::uint32_t>(trace.here().tables_copied.load(relaxed) - copied_before);
  trace.event(event);
  return event.outcome;
}

}  // namespace ox
