#include "observe/trace.h"

#include <array>

#include "hub/options.h"
#include "observe/tally.h"

namespace ox {

namespace {

constexpr std::array accesses{"load", "store", "fetch"};
constexpr std::array outcomes{"granted (last owner)",
                              "page copied",
                              "new page of zeros",
                              "zero frame shared",
                              "file's page shared",
                              "spurious",
                              "denied",
                              "behind the file's end",
                              "out of memory"};
static_assert(outcomes.size() == fault_outcomes);

}  // namespace

// Prints nothing for the other kinds of events: the lines for forks, faults and exits include their totals.
void TracePrinter::event(const Event& event) {
  if (event.kind == Event::Kind::fork) {
    const TreeTally child = tally(*memory_, event.frame);
    console_.log(
        "fork {}: pid {} -> {}: copied {}+{}+{} tables (level 2, 1, 0), {} pages; shared {}+{} tables (level 1, 0), "
        "{} pages",
        name(event.mode), event.pid, event.child, child.own[3], child.own[2], child.own[1], child.own[0],
        child.shared[2], child.shared[1], child.shared[0]);
  } else if (event.kind == Event::Kind::fault) {
    TextBuffer<64> before;
    if (event.after.frame() != event.before.frame()) {
      format(before, "{:x} (count {}) -> ", event.before.frame(), event.count_before);
    }
    console_.log("fault: pid {} {} {:x}: {}; {} tables copied; frame {}{:x} (count {})", event.pid,
                 accesses[static_cast<unsigned>(event.access)], event.va,
                 outcomes[static_cast<unsigned>(event.outcome)], event.tables, before.text(), event.after.frame(),
                 event.count_after);
  } else if (event.kind == Event::Kind::exit) {
    console_.log("exit: pid {}: {} tables and {} pages freed", event.pid, event.tables, event.pages);
  }
}

}  // namespace ox
