// `record` on the command line: keeps every event (vm/event.h) in RAM; tools/view/recording.py finds them when the
// machine has ended. Nothing goes through the serial line, and the time that recording takes is taken out again, so a
// recorded run tells the counts of a silent one.
//
// Owns: the ring, whose memory main.cpp reserves. A full ring keeps what it has, counts what it lost and says so once.
// Locks: `fault_` makes faults happen one after the other, so that a page's former owner is told before its last one
// is; other events are told before they can matter to another hart. Slots are taken by an atomic addition.
#pragma once

#include <span>

#include "arch/atomic.h"
#include "arch/hart.h"
#include "dev/console.h"
#include "observe/tally.h"
#include "sync/spinlock.h"
#include "vm/memory.h"

namespace ox {

// One event and its circumstances. The host reads the layout from DWARF.
struct Record {
  Event event;
  TreeTally tally{};               // fork: of the child's tree
  std::uint64_t instructions = 0;  // this hart's until now, without recording
  std::uint64_t cost = 0;          // since begin() of an event of this kind
  std::uint64_t pc = 0;            // the user's; 0: none runs
  std::uint64_t printed = 0;       // characters on the console until now
  std::uint64_t sum = 0;           // of the user's entries of a table that was sealed, or of a twin
  std::uint32_t hart = 0;
  Ppn root{};  // this hart translates through it
};

class Recorder final : public EventSink {
 public:
  // Records from now on, the handles first that the kernel has already. Events also go to the present sink, if any.
  void start(Memory& memory, Console& console, std::span<Record> ring);

  void begin(Event::Kind kind) override;
  void event(const Event& event) override;

 private:
  struct HartTime {
    std::uint64_t recording = 0;  // instructions that went into recording
    std::uint64_t begun = 0;      // of the operation that is going on
    bool in_fault = false;        // the operation is a fault
  };

  void keep(const Event& event, std::uint64_t now);
  std::uint64_t instructions() const;

  Record* ring_ = nullptr;
  std::uint64_t capacity_ = 0;
  Atomic<std::uint64_t> told_{0};  // events, of which the first capacity_ were kept
  Memory* memory_ = nullptr;
  Console* console_ = nullptr;
  EventSink* next_ = nullptr;
  SpinLock fault_{LockRank::recorded_fault};
  HartTime times_[max_harts];
};

// The machine's only one: a debugger and the host find it by name.
extern Recorder the_recorder;

}  // namespace ox
