#include "proc/trace.h"

namespace ox {

namespace {

const char* name(ForkMode mode) {
  switch (mode) {
    case ForkMode::eager:
      return "eager";
    case ForkMode::cow:
      return "cow";
    case ForkMode::on_demand:
      return "on_demand";
  }
  return "?";
}

const char* name(Access access) {
  switch (access) {
    case Access::load:
      return "load";
    case Access::store:
      return "store";
    case Access::execute:
      return "fetch";
  }
  return "?";
}

const char* name(FaultOutcome outcome) {
  switch (outcome) {
    case FaultOutcome::spurious:
      return "spurious";
    case FaultOutcome::granted:
      return "granted (last owner)";
    case FaultOutcome::copied:
      return "page copied";
    case FaultOutcome::zeroed:
      return "new page of zeros";
    case FaultOutcome::mapped_zero:
      return "zero frame shared";
    case FaultOutcome::denied:
      return "denied";
    case FaultOutcome::no_memory:
      return "out of memory";
  }
  return "?";
}

}  // namespace

void TracePrinter::event(const Event& event) {
  switch (event.kind) {
    case Event::Kind::fork:
      return fork(event);
    case Event::Kind::fault:
      return fault(event);
    case Event::Kind::exit:
      return console_.log("exit: pid {}: {} tables and {} pages freed", event.pid, event.tables, event.pages);
  }
}

void TracePrinter::fork(const Event& event) {
  const TreeTally& tally = event.tally;
  console_.log(
      "fork {}: pid {} -> {}: copied {}+{}+{} tables (level 2, 1, 0), {} pages; shared {}+{} tables (level 1, 0), "
      "{} pages",
      name(event.mode), event.pid, event.child, tally.tables_own[2], tally.tables_own[1], tally.tables_own[0],
      tally.pages_own, tally.tables_shared[1], tally.tables_shared[0], tally.pages_shared);
}

void TracePrinter::fault(const Event& event) {
  if (event.frame_after == event.frame_before) {
    return console_.log("fault: pid {} {} {:x}: {}; {} tables copied; frame {:x} (count {})", event.pid,
                        name(event.access), event.va, name(event.outcome), event.tables, event.frame_after,
                        event.count_after);
  }
  console_.log("fault: pid {} {} {:x}: {}; {} tables copied; frame {:x} (count {}) -> {:x} (count {})", event.pid,
               name(event.access), event.va, name(event.outcome), event.tables, event.frame_before, event.count_before,
               event.frame_after, event.count_after);
}

}  // namespace ox
