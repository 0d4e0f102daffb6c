#include "sim/machine.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "sim/process.h"
#include "vm/checker.h"

namespace ox::sim {

namespace {

Machine* the_machine = nullptr;

constexpr std::size_t own_frames = 3;  // the zero frame, the kernel's root, and a table below it
const Ppn first_frame(ram_start);

std::uint64_t sum(const Memory& memory, Atomic<std::uint64_t> Counters::* counter) {
  std::uint64_t all = 0;
  for (const Counters& counters : memory.trace.counters) all += (counters.*counter).load(relaxed);
  return all;
}

}  // namespace

Machine& Machine::current() {
  if (the_machine == nullptr) panic("simulator: no machine");
  return *the_machine;
}

Machine::Machine(std::size_t frames, Hardware hardware, unsigned harts)
    : ram_(static_cast<std::byte*>(std::aligned_alloc(page_size, (frames + own_frames) * page_size)), std::free),
      records_(frames + own_frames),
      seen_(frames + own_frames),
      running_(harts) {
  if (the_machine != nullptr) panic("simulator: one machine at a time");
  the_machine = this;
  current_hart = 0;
  current_steps = 0;
  arena = {ram_.get(), records_.size() * page_size};
  for (unsigned hart = 0; hart < harts; ++hart) {
    mmus_.push_back(std::make_unique<Mmu>(hardware, first_frame.value(), records_.size()));
  }
  memory_.frames.start(records_, first_frame);
  memory_.frames.set_poison(true);
  memory_.frames.add_range(first_frame, first_frame + records_.size());
  if (!memory_.start()) panic("simulator: no frame for zeros");
  make_kernel_root();
  for (auto& mmu : mmus_) mmu->set_root(memory_.kernel_root.value());
  free_at_start_ = free_frames();
}

// A gigapage of RAM and a table: the two kinds of entry in the upper half of every root.
void Machine::make_kernel_root() {
  const Ppn root = *memory_.frames.alloc(FrameKind::kernel, Content::zero);
  const Ppn below = *memory_.frames.alloc(FrameKind::kernel, Content::zero);
  PageTable::at(root).set(256, Pte::kernel_leaf(first_frame, rw));
  PageTable::at(root).set(511, Pte::next_level(below));
  memory_.frames.record(root).used_groups = group_bit(256) | group_bit(511);
  memory_.kernel_root = root;
  handles_.emplace_back(memory_.frames, root);
  handles_.emplace_back(memory_.frames, below);
}

Machine::~Machine() {
  EXPECT_TRUE(processes_.empty()) << "a process outlives its machine";
  threaded_ = false;
  release_hoard();
  while (handles_.size() > 2) handles_.pop_back();
  audit();
  if (!lenient_) {
    EXPECT_EQ(free_frames(), free_at_start_) << "rule 1: frames were lost, or too many came back";
  }
  for (auto& mmu : mmus_) mmu->set_root(0);
  handles_.clear();
  memory_.zero = FrameRef();
  the_machine = nullptr;
  arena = {};
}

std::unique_ptr<Process> Machine::new_process() {
  current_hart = 0;
  Result<AddressSpace> space = AddressSpace::create(memory_, next_pid_.fetch_add(1, relaxed));
  if (!space) return nullptr;
  return std::make_unique<Process>(*this, std::move(*space));
}

Ppn Machine::new_file_page(std::uint64_t word) {
  Result<FrameRef> page = FrameRef::make(memory_.frames, FrameKind::cached);
  if (!page) panic("simulator: no memory for a file's page");
  std::fill_n(reinterpret_cast<std::uint64_t*>(page->bytes()), page_size / sizeof word, word);
  handles_.push_back(std::move(*page));
  return handles_.back().ppn();
}

Ref<File> Machine::new_file(std::uint64_t word, unsigned frames, std::uint64_t end) {
  std::vector<Ppn> pages;
  pages.reserve(frames);
  for (unsigned i = 0; i < frames; ++i) pages.push_back(new_file_page(word + i));
  return Ref<File>::adopt(new File(memory_, pages, end));
}

Result<FrameRef> File::page(std::uint64_t index) {
  if (index >= end_) return Errno::einval;
  memory_.frames.share(frame(index));
  return FrameRef(memory_.frames, frame(index));
}

void Machine::leave_free(std::size_t count) {
  while (free_frames() > count) {
    Result<FrameRef> frame = FrameRef::make(memory_.frames, FrameKind::kernel);
    if (!frame) panic("simulator: {} frames are free, but none can be had", free_frames());
    hoard_.push_back(std::move(*frame));
  }
}

void Machine::release_hoard() { hoard_.clear(); }

std::uint64_t Machine::pages_copied() const {
  std::uint64_t total = sum(memory_, &Counters::pages_copied_by_forks);
  for (const Counters& counters : memory_.trace.counters) total += counters.faults_that(FaultOutcome::copied);
  return total;
}
std::uint64_t Machine::tables_copied() const { return sum(memory_, &Counters::tables_copied); }
std::uint64_t Machine::faults_that(FaultOutcome outcome) const {
  std::uint64_t all = 0;
  for (const Counters& counters : memory_.trace.counters) all += counters.faults_that(outcome);
  return all;
}

// Runs the simulator's audit and the kernel's checker. Neither may find anything.
void Machine::audit() {
  if (!auditing_ || threaded_) return;
  Auditor::Scene scene{.memory = memory_, .spaces = {}, .handles = {zero()}, .harts = {}};
  Checker checker(memory_, seen_);
  checker.begin();
  for (Process* process : processes_) {
    scene.spaces.push_back(&process->space());
    checker.add(process->space());
  }
  for (const FrameRef& handle : handles_) scene.handles.push_back(handle.ppn());
  for (const FrameRef& frame : hoard_) scene.handles.push_back(frame.ppn());
  for (unsigned hart = 0; hart < harts(); ++hart) {
    Process* const process = running_[hart];
    scene.harts.emplace_back(&mmu(hart), process != nullptr ? process->space().tree().root() : memory_.kernel_root);
  }
  for (const std::string& broken : auditor_.check(scene)) ADD_FAILURE() << broken;
  checker.finish();
  EXPECT_EQ(faults_that(FaultOutcome::spurious), spurious_) << "rule 6: a fence is missing: a fault was spurious";
}

void Machine::fence_begins() {
  count_step();
  if (!at_next_fence_) return;
  const auto f = std::exchange(at_next_fence_, nullptr);
  const unsigned hart = current_hart;
  const bool auditing = std::exchange(auditing_, false);
  f();
  auditing_ = auditing;
  current_hart = hart;
}

void Machine::switch_to(Process* process) {
  running_[hart_index()] = process;
  if (process != nullptr) {
    process->space().activate();
  } else {
    write_satp(memory_.kernel_root);
  }
}

void Machine::leave(Process& process, unsigned hart) {
  if (running_[hart] != &process) return;
  current_hart = hart;
  switch_to(nullptr);
}

void Machine::check_freed(Ppn frame) {
  if (!threaded_) auditor_.forget(frame);
  for (unsigned hart = 0; hart < harts(); ++hart) {
    if (mmu(hart).root() == frame.value()) panic("simulator: rule 7: freed frame {:x} is hart {}'s root", frame, hart);
    if (mmu(hart).caches(frame.value()))
      panic("simulator: rule 6: freed frame {:x} is still cached by hart {}", frame, hart);
  }
}

}  // namespace ox::sim
