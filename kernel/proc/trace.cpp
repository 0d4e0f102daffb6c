#include "proc/trace.h"

#include <array>

#include "proc/options.h"

namespace ox {

namespace {

const char* name(Access access) {
  static constexpr std::array names{"load", "store", "fetch"};
  return names[static_cast<unsigned>(access)];
}

const char* name(FaultOutcome outcome) {
  static constexpr std::array names{"granted (last owner)",
                                    "page copied",
                                    "new page of zeros",
                                    "zero frame shared",
                                    "file's page shared",
                                    "spurious",
                                    "denied",
                                    "behind the file's end",
                                    "out of memory"};
  static_assert(names.size() == fault_outcomes);
  return names[static_cast<unsigned>(outcome)];
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
    default:  // how these came about
      return;
  }
}

void TracePrinter::fork(const Event& event) {
  const TreeTally& tally = event.tally;
  console_.log(
      "fork {}: pid {} -> {}: copied {}+{}+{} tables (level 2, 1, 0), {} pages; shared {}+{} tables (level 1, 0), "
      "{} pages",
      name(event.mode), event.pid, event.child, tally.own[3], tally.own[2], tally.own[1], tally.own[0], tally.shared[2],
      tally.shared[1], tally.shared[0]);
}

void TracePrinter::fault(const Event& event) {
  TextBuffer<64> before;
  if (event.after.frame() != event.before.frame()) {
    format(before, "{:x} (count {}) -> ", event.before.frame(), event.count_before);
  }
  console_.log("fault: pid {} {} {:x}: {}; {} tables copied; frame {}{:x} (count {})", event.pid, name(event.access),
               event.va, name(event.outcome), event.tables, before.text(), event.after.frame(), event.count_after);
}

}  // namespace ox
