#include "observe/recorder.h"

#include "proc/process.h"

namespace ox {

namespace {

// The sum of the entries of a table that was copied or sealed; else 0. A replay of the events must come to the same
// sum, so an error in the events shows at once.
std::uint64_t sum_after(const Event& event) {
  const bool copied = event.kind == Event::Kind::copy && event.level >= 0;
  if (!copied && event.kind != Event::Kind::seal) return 0;
  const PageTable& table = PageTable::at(copied ? event.copy : event.frame);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < (event.level == root_level ? table_entries / 2 : table_entries); ++i) {
    sum += table.get(i).bits();
  }
  return sum;
}

}  // namespace

std::uint64_t Recorder::instructions() const { return csr_read<Csr::instret>() - times_[hart_index()].recording; }

void Recorder::start(Memory& memory, Console& console, std::span<Record> ring) {
  memory_ = &memory;
  console_ = &console;
  ring_ = ring.data();
  capacity_ = ring.size();
  next_ = memory.trace.sink;
  memory.frames.for_each_known([&](Ppn frame, const Frame& record) {
    if (record.kind != FrameKind::cached || record.count.load(relaxed) == 0) return;
    keep({.kind = Event::Kind::cache, .level = -1, .frame = frame}, 0);
  });
  memory.trace.sink = this;
}

// For a fault, the lock is held from here until its event has been recorded.
void Recorder::begin(Event::Kind kind) NO_THREAD_SAFETY_ANALYSIS {
  if (kind == Event::Kind::fault) {
    fault_.acquire();
    times_[hart_index()].in_fault = true;
  }
  times_[hart_index()].begun = instructions();
}

void Recorder::event(const Event& event) NO_THREAD_SAFETY_ANALYSIS {
  HartTime& time = times_[hart_index()];
  // Within a fault, skip the change of the leaf: the fault's own event reports it.
  if (time.in_fault && event.kind == Event::Kind::entry && event.level == 0) return;
  const std::uint64_t now = instructions();
  keep(event, now);
  if (next_ != nullptr) next_->event(event);
  time.recording += instructions() - now;
  if (event.kind != Event::Kind::fault) return;
  time.in_fault = false;
  fault_.release();
}

void Recorder::keep(const Event& event, std::uint64_t now) {
  const std::uint64_t slot = told_.fetch_add(1, relaxed);
  if (slot == capacity_) {
    console_->log("the recording is full with {} events; what follows is lost. More: record=EVENTS", capacity_);
  }
  if (slot >= capacity_) return;
  const Thread* const thread = this_hart().current;
  Process* const process = thread != nullptr ? thread->process : nullptr;
  Record& record = ring_[slot];
  record.event = event;
  if (event.kind == Event::Kind::fork) record.tally = tally(*memory_, event.frame);
  if (event.pid == 0) record.event.pid = this_hart().pid;
  record.instructions = now;
  record.cost = now - times_[hart_index()].begun;
  record.pc = process != nullptr ? process->frame().pc() : 0;
  record.printed = console_->uart().written();
  record.sum = sum_after(event);
  record.hart = hart_index();
  record.root = Ppn(csr_read<Csr::satp>() & 0xfff'ffff'ffff);
}

}  // namespace ox
