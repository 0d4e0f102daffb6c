// `record` on the command line: keeps every event (vm/event.h) in RAM, where tools/view/recording.py finds them when
// the machine has ended. Nothing goes through the serial line, and instructions spent on recording are not counted, so
// a recorded run reports the same counts as a run without `record`.
//
// Owns: the ring, whose memory main.cpp reserves. When the ring is full, it keeps the events that it has, counts the
// others and says so once on the console.
// Locks: `fault_` makes faults happen one after the other, so that the fault by which a page lost an owner is recorded
// before the last owner's fault. All other events are recorded before they can matter to another hart. Slots are taken
// by an atomic addition.
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
  TreeTally tally{};               // of a fork: the child's tree
  std::uint64_t instructions = 0;  // on this hart so far, without those of recording
  std::uint64_t cost = 0;          // instructions since begin()
  std::uint64_t pc = 0;            // of the user's program; 0: no process runs
  std::uint64_t printed = 0;       // characters on the console so far
  std::uint64_t sum = 0;           // of the user's entries in a table that was copied or sealed
  std::uint32_t hart = 0;
  Ppn root{};  // this hart translates through it
};

class Recorder final : public EventSink {
 public:
  // Starts recording, with the frames that files hold already. Events also go to the present sink, if there is one.
  void start(Memory& memory, Console& console, std::span<Record> ring);

  void begin(Event::Kind kind) override;
  void event(const Event& event) override;

 private:
  struct HartTime {
    std::uint64_t recording = 0;  // instructions spent on recording
    std::uint64_t begun = 0;      // instructions when the present operation began
    bool in_fault = false;        // the operation is a fault
  };

  void keep(const Event& event, std::uint64_t now);
  std::uint64_t instructions() const;

  Record* ring_ = nullptr;
  std::uint64_t capacity_ = 0;
  Atomic<std::uint64_t> told_{0};  // events so far; the first capacity_ of them were kept
  Memory* memory_ = nullptr;
  Console* console_ = nullptr;
  EventSink* next_ = nullptr;
  SpinLock fault_{LockRank::recorded_fault};
  HartTime times_[max_harts];
};

// The machine's only recorder. It is global because a debugger and the host find it by name.
extern Recorder the_recorder;

}  // namespace ox
