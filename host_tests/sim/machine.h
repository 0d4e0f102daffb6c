// A machine for tests: RAM, harts, the kernel's memory, and the processes that live in it.
//
// Only one may exist at a time. After every operation of a process (sim/process.h) the machine audits everything
// (sim/audit.h). Its destructor checks that every frame is free again. Failures are GoogleTest's; a broken invariant in
// the kernel is a panic.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "sim/audit.h"
#include "sim/mmu.h"
#include "vm/space.h"

namespace ox::sim {

class Process;

// A source of pages that a test creates with `new`.
struct HostSource : PageSource {
  void dispose() override { delete this; }
  virtual ~HostSource() = default;
};

// A file of a few frames as mappings see it: page n is frame n modulo their number, up to page `end`. The machine has
// the references to the frames.
class File final : public HostSource {
 public:
  File(Memory& memory, std::vector<Ppn> frames, std::uint64_t end)
      : memory_(memory), frames_(std::move(frames)), end_(end) {}
  Ppn frame(std::uint64_t index) const { return frames_[index % frames_.size()]; }
  Result<FrameRef> page(std::uint64_t index) override;

 private:
  Memory& memory_;
  std::vector<Ppn> frames_;
  std::uint64_t end_;
};

// A text that panics and failed audits print: the test's operations and seed.
void set_context(std::string text);

class Machine {
 public:
  // `frames` are free for processes; the machine's own frames come on top.
  explicit Machine(std::size_t frames, Hardware hardware = {}, unsigned harts = 1);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Null: no memory.
  std::unique_ptr<Process> new_process();
  std::size_t free_frames() { return memory_.frames.free_count(); }
  Memory& memory() { return memory_; }
  Ppn zero() const { return memory_.zero.ppn(); }
  Mmu& mmu(unsigned hart) { return *mmus_[hart]; }
  unsigned harts() const { return static_cast<unsigned>(mmus_.size()); }

  // A page of a file. The machine keeps a reference to it as long as the machine lives.
  Ppn new_file_page(std::uint64_t word);
  // A file of such pages, filled with `word`, `word` + 1, ...
  Ref<File> new_file(std::uint64_t word, unsigned frames, std::uint64_t end);
  // Takes frames out of the pool until only `count` are free. release_hoard() gives them back.
  void leave_free(std::size_t count);
  void release_hoard();

  // Sums over all harts.
  std::uint64_t pages_copied() const;
  std::uint64_t tables_copied() const;
  std::uint64_t faults_that(FaultOutcome outcome) const;

  void audit();
  // Off: for tests that break rules on purpose, or that do so much that only the end is audited.
  void set_auditing(bool on) { auditing_ = on; }
  // For the graded tests of a lab: no audits, and lost frames are no failure. Each test checks what it needs.
  void set_lenient() { auditing_ = false, lenient_ = true; }
  // From now on each hart is a thread. Only the end is audited, and the machine does not register new processes: a data
  // structure of the simulator would impose an order on the accesses of two harts.
  void set_threaded() { threaded_ = true; }
  // The number of spurious faults that the test causes. Any other spurious fault is a failure.
  void expect_spurious(std::uint64_t count) { spurious_ = count; }

  // Calls `f` once, at the beginning of the next fence. It stands for another hart that acts while this one is in the
  // middle of an operation.
  void at_next_fence(std::function<void()> f) { at_next_fence_ = std::move(f); }
  void fence_begins();

  const std::vector<Process*>& processes() const { return processes_; }
  // The process whose tree a hart uses; null: the kernel's tree.
  Process* running(unsigned hart) const { return running_[hart]; }
  // The calling thread's hart changes to this process's tree; null: to the kernel's.
  void switch_to(Process* process);
  // If `hart` uses this process's tree, it changes to the kernel's tree.
  void leave(Process& process, unsigned hart);

  static Machine& current();
  // Panics if a hart caches `frame` or uses it as its root.
  void check_freed(Ppn frame);

 private:
  friend class Process;
  void make_kernel_root();

  std::unique_ptr<std::byte[], void (*)(void*)> ram_;
  std::vector<Frame> records_;
  std::vector<std::uint32_t> seen_;
  Memory memory_;
  std::vector<std::unique_ptr<Mmu>> mmus_;
  std::vector<Process*> running_;
  std::vector<Process*> processes_;
  std::vector<FrameRef> handles_;
  std::vector<FrameRef> hoard_;
  Auditor auditor_;
  std::function<void()> at_next_fence_;
  std::size_t free_at_start_ = 0;
  std::uint64_t spurious_ = 0;
  std::atomic<int> next_pid_{2};  // pid 1 is special
  bool auditing_ = true;
  bool lenient_ = false;
  bool threaded_ = false;
};

// GoogleTest prints the parameters of tests with functions of this name.
inline void PrintTo(const Hardware& hardware, std::ostream* out) {
  *out << (hardware.svade ? "Svade" : "Svadu") << (hardware.cache_invalid ? "CachingInvalid" : "")
       << (hardware.speculates ? "Speculating" : "");
}

}  // namespace ox::sim

namespace ox {

inline void PrintTo(ForkMode mode, std::ostream* out) {
  *out << (mode == ForkMode::eager ? "eager" : mode == ForkMode::cow ? "cow" : "on_demand");
}
inline void PrintTo(FaultOutcome outcome, std::ostream* out) {
  *out << fault_outcome_names[static_cast<unsigned>(outcome)];
}
inline void PrintTo(Ppn frame, std::ostream* out) {
  TextBuffer<40> text;
  format(text, "frame {:x}", frame);
  *out << text.text();
}
inline void PrintTo(Pte entry, std::ostream* out) {
  PrintTo(entry.frame(), out);
  constexpr std::string_view letters = "VRWXUGAD";
  *out << " flags ";
  for (unsigned bit = 0; bit < letters.size(); ++bit) *out << ((entry.bits() >> bit & 1) != 0 ? letters[bit] : '-');
  *out << (entry.may_write() ? " MAY_WRITE" : "") << (entry.is_map_shared() ? " MAP_SHARED" : "");
}

}  // namespace ox
