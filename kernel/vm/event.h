// The three ways to fork, how a fault can end; then events: what happens to memory, for anyone who listens (observe/,
// tests); and the counters.
//
// Replaying them all gives the trees and the counts. A new table or copy is *in flight*: its one reference is taken
// over by the entry, the fork or the space that names it next. An entry that names another frame takes over one in
// flight, or brings a new page to life, or is one more reference. The frame that it named before loses a reference, and
// the last reference takes along what is below.
#pragma once

#include <array>
#include <source_location>

#include "arch/hart.h"
#include "vm/page_table.h"

namespace ox {

// How a page fault ends. Linux's counterparts beside them (mm/memory.c).
enum class FaultOutcome : std::uint8_t {
  granted,      // the last owner, or MAP_SHARED: W, no page copied (wp_page_reuse, wp_page_shared)
  copied,       // a shared page is copied                          (wp_page_copy)
  zeroed,       // first store, loads or none before: zeros         (do_anonymous_page)
  mapped_zero,  // first load: one more reference to the zero frame (do_anonymous_page, zero page)
  mapped_file,  // first load: one more reference to a file's page  (do_read_fault)
  spurious,     // the entry allows it already: fence and retry     (spurious_fault)
  denied,       // no such mapping, or it does not allow this: SIGSEGV
  past_end,     // the mapped file has no such page: SIGBUS
  no_memory,    // nothing left to serve it with: SIGKILL for this process alone
};
inline constexpr std::array fault_outcome_names{"granted",  "copied", "zeroed",   "mapped_zero", "mapped_file",
                                                "spurious", "denied", "past_end", "no_memory"};
inline constexpr unsigned fault_outcomes = fault_outcome_names.size();

// The value is the level at which the copy stops (PageTree::copy).
enum class ForkMode : std::int32_t {
  eager = -1,     // own tables, own frames, but for zeros and MAP_SHARED
  cow = 0,        // own tables, shared frames
  on_demand = 2,  // own root, everything below it shared
};

struct Event {
  enum class Kind : std::uint8_t {
    space,    // `frame` is the empty root of a new address space of `pid`
    fork,     // `frame` is now the root of `child`; the copies were the events before
    fault,    // the leaf at `va` is now `after`; what was done for it were the events before
    entry,    // `index` in `frame`, a table of `level`, is now `after`
    table,    // `frame` is a new empty table of `level`
    copy,     // `copy` is a copy of `frame`: of a page (level -1), or of a table. A table's entries share what they
              // name if its level is `stop`; else they name the copies that were made before
    seal,     // `frame`, a table of level 0, has no W any more
    drop,     // one reference to `frame`, a root or a copy that failed, is about to be dropped
    cache,    // the kernel takes a handle on the page `frame`
    uncache,  // and drops it
    exec,     // `pid` now runs the program `name`
    exit,     // `pid` has ended
    move,     // the address space with the root `frame` is now `pid`'s: vfork lends it, exec and exit give it back
  };

  Kind kind;
  Access access{};
  FaultOutcome outcome{};
  ForkMode mode{};
  int pid = 0;  // 0: of the process that runs
  int child = 0;
  int level = 0;
  int stop = 0;
  std::uint32_t index = 0;
  VirtAddr va{};
  Pte before{};  // an entry
  Pte after{};
  Ppn frame{};
  Ppn copy{};
  std::uint32_t count_before = 0;  // fault: of the frames that the leaf named before and after
  std::uint32_t count_after = 0;
  std::uint32_t tables = 0;  // fault: tables copied; exit: frames freed that were tables
  std::uint32_t pages = 0;   // exit: frames freed that were pages
  std::array<char, 16> name{};
  std::source_location where{};  // in the kernel
};

class EventSink {
 public:
  // Called before the operation that will end in an event of this kind, so a sink can start counting instructions.
  // After begin(fault) the event always comes, and no other hart's fault between.
  virtual void begin(Event::Kind) {}
  virtual void event(const Event& event) = 0;

 protected:
  ~EventSink() = default;
};

// One hart's counters.
struct alignas(64) Counters {
  Atomic<std::uint64_t> forks{0};
  Atomic<std::uint64_t> tables_copied{0};  // by forks, and wherever a path is owned
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

// What vm/ reports of its work (Linux: tracepoints). Each function counts, and sends an event to the sink if there is
// one. Nothing in vm/ depends on what is reported. Each hart writes its own counters; anybody may read them.
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
  // Entry `index` of `table` is about to become `after`.
  void entry(Ppn table, int level, std::size_t index, Pte before, Pte after, Where where) {
    if (sink != nullptr) send_entry(table, level, index, before, after, where);
  }

  // A fork begins; it ends, having copied so many tables.
  void fork_begins();
  void fork_ends(std::uint64_t tables);
  // Anything else that happens to processes and their memory.
  void event(Event event, Where where = Where::current()) {
    if (sink == nullptr) return;
    event.where = where;
    sink->event(event);
  }

 private:
  void send_entry(Ppn table, int level, std::size_t index, Pte before, Pte after, Where where);
};

}  // namespace ox
