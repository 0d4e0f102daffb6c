// What vm/ reports of its work (Linux: tracepoints). Each function counts, and sends an event to the sink if there is
// one. Nothing in vm/ depends on what is reported.
//
// Owns: the counters. Each hart writes its own; anybody may read them.
#pragma once

#include <cstdint>
#include <source_location>

#include "arch/atomic.h"
#include "arch/hart.h"
#include "vm/event.h"

namespace ox {

// One hart's counters.
struct alignas(64) Counters {
  Atomic<std::uint64_t> forks{0};
  Atomic<std::uint64_t> tables_copied{0};  // by forks and by faults
  Atomic<std::uint64_t> tables_copied_by_forks{0};
  Atomic<std::uint64_t> pages_copied_by_forks{0};
  Atomic<std::uint64_t> tables_freed{0};
  Atomic<std::uint64_t> pages_freed{0};
  Atomic<std::uint64_t> faults[fault_outcomes] = {};  // by FaultOutcome

  static void add(Atomic<std::uint64_t>& counter, std::uint64_t n = 1) {
    counter.store(counter.load(relaxed) + n, relaxed);
  }
  std::uint64_t faults_that(FaultOutcome outcome) const { return faults[static_cast<unsigned>(outcome)].load(relaxed); }
};

class Tracepoints {
 public:
  using Where = std::source_location;

  EventSink* sink = nullptr;  // gets the events; null: nobody listens
  Counters counters[max_harts];

  Counters& here() { return counters[hart_index()]; }

  // `to` is a copy of `from`: a page, or a table of `level` whose entries were copied down to level `stop`.
  void copied(Ppn from, Ppn to, int level, int stop, Where where = Where::current());
  // A page table of `level` could not be copied to its end: what its entries name was copied, and goes again.
  void copy_failed(Ppn from, std::uint32_t groups, Ppn to, int level);
  // The leaf entries in the level-0 table `table` have no W any more.
  void sealed(Ppn table, Where where = Where::current());
  // `table` is a new, empty table of `level`.
  void new_table(Ppn table, int level, Where where = Where::current());
  // Entry `index` of `table` is about to become `after`.
  void entry(Ppn table, int level, std::size_t index, Pte before, Pte after, Where where) {
    if (sink != nullptr) send_entry(table, level, index, before, after, where);
  }
  // One reference to the root `root` is about to be dropped.
  void dropped(Ppn root, Where where = Where::current());
  void tables_freed(std::uint64_t count) { Counters::add(here().tables_freed, count); }
  void pages_freed(std::uint64_t count) { Counters::add(here().pages_freed, count); }

  // The kernel takes, or gives up, its own handle on the page `frame`.
  void cached(Ppn frame, Where where = Where::current());
  void uncached(Ppn frame, Where where = Where::current());
  // What else happens to processes and their memory.
  void event(Event event, Where where = Where::current()) {
    if (sink == nullptr) return;
    event.where = where;
    sink->event(event);
  }

 private:
  void send_entry(Ppn table, int level, std::size_t index, Pte before, Pte after, Where where);
};

// Counts a fork, and the tables that are copied while this object exists.
class ForkCounter {
 public:
  explicit ForkCounter(Tracepoints& trace) : trace_(trace), before_(trace.here().tables_copied.load(relaxed)) {
    Counters::add(trace.here().forks);
    if (trace.sink != nullptr) trace.sink->begin(Event::Kind::fork);
  }
  ~ForkCounter() {
    Counters& counters = trace_.here();
    Counters::add(counters.tables_copied_by_forks, counters.tables_copied.load(relaxed) - before_);
  }
  ForkCounter(const ForkCounter&) = delete;
  ForkCounter& operator=(const ForkCounter&) = delete;

 private:
  Tracepoints& trace_;
  std::uint64_t before_;
};

}  // namespace ox
