#include "sim/process.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ox::sim {

Process::Process(Machine& machine, AddressSpace space)
    : machine_(machine), space_(std::move(space)), hart_(current_hart) {
  if (!machine_.threaded_) machine_.processes_.push_back(this);
}

// Exit: the hart leaves the tree, then the tree is dropped; the audit comes after both.
Process::~Process() {
  machine_.leave(*this, hart_);
  if (!machine_.threaded_) std::erase(machine_.processes_, this);
  current_hart = hart_;
  {
    const AddressSpace last = std::move(space_);
  }
  machine_.audit();
}

void Process::move_to(unsigned hart) {
  if (hart == hart_) return;
  machine_.leave(*this, hart_);
  hart_ = hart;
}

void Process::enter() {
  current_hart = hart_;
  current_steps = 0;
  current_hart_may_use_reserve = pid() == 1;  // as the scheduler does
  if (machine_.running(hart_) != this) machine_.switch_to(this);
}

std::byte* Process::touch(VirtAddr va, Access access) {
  enter();
  faults_.clear();
  const Use use = access == Access::load ? Use::load : access == Access::store ? Use::store : Use::fetch;
  while (faults_.size() < 8) {
    const auto physical = machine_.mmu(hart_).translate(va.value(), use, Privilege::user);
    if (physical) return to_pointer(PhysAddr(*physical));
    faults_.push_back(space_.handle_fault(va, access));
    const FaultOutcome last = faults_.back();
    if (last == FaultOutcome::denied || last == FaultOutcome::past_end || last == FaultOutcome::no_memory)
      return nullptr;
  }
  panic("simulator: pid {} faults at {:x} for ever: its entry does not change, or the fence is missing", pid(), va);
}

bool Process::store(VirtAddr va, std::uint64_t value) {
  auto* const word = reinterpret_cast<std::uint64_t*>(touch(va, Access::store));
  if (word != nullptr) *word = value;
  machine_.audit();
  return word != nullptr;
}

std::optional<std::uint64_t> Process::load(VirtAddr va) {
  const auto* const word = reinterpret_cast<std::uint64_t*>(touch(va, Access::load));
  machine_.audit();
  if (word == nullptr) return std::nullopt;
  return *word;
}

std::optional<std::uint64_t> Process::fetch(VirtAddr va) {
  const std::byte* const word = touch(va, Access::execute);
  machine_.audit();
  if (word == nullptr) return std::nullopt;
  const std::uint64_t seen = machine_.mmu(hart_).fetch(to_phys(word).value());
  if (seen != *reinterpret_cast<const std::uint64_t*>(word)) {
    panic("simulator: rule 6: hart {} runs old code at {:x}: fence.i is missing", hart_, va);
  }
  return seen;
}

std::unique_ptr<Process> Process::fork(ForkMode mode) {
  enter();
  Result<AddressSpace> child = space_.fork(mode, machine_.next_pid_.fetch_add(1, relaxed));
  std::unique_ptr<Process> process;
  if (child) process = std::make_unique<Process>(machine_, std::move(*child));
  machine_.audit();
  return process;
}

Result<> Process::map(VirtRange range, Prot prot) {
  return in_kernel([&](AddressSpace& space) { return space.map(range, prot, RegionKind::mapping); });
}

Result<> Process::map_file(VirtRange range, Prot prot, RegionKind kind, const Ref<File>& file,
                           std::uint32_t first_page) {
  return in_kernel([&](AddressSpace& space) { return space.map(range, prot, kind, file, first_page); });
}

Result<> Process::map_frame(VirtAddr va, Ppn frame) {
  return in_kernel([&](AddressSpace& space) { return space.map_frame(va, frame); });
}

Result<> Process::unmap(VirtRange range) {
  return in_kernel([&](AddressSpace& space) { return space.unmap(range); });
}

Result<> Process::protect(VirtRange range, Prot prot) {
  return in_kernel([&](AddressSpace& space) { return space.protect(range, prot); });
}

Result<VirtAddr> Process::remap(VirtRange range, std::uint64_t new_size, bool may_move) {
  return in_kernel([&](AddressSpace& space) { return space.remap(range, new_size, may_move); });
}

Result<> Process::discard(VirtRange range) {
  return in_kernel([&](AddressSpace& space) { return space.discard(range); });
}

VirtAddr Process::set_heap_end(VirtAddr end) {
  return in_kernel([&](AddressSpace& space) { return space.set_heap_end(end); });
}

Result<> Process::write(VirtAddr to, std::uint64_t value) {
  return in_kernel([&](AddressSpace& space) { return space.write_user(to, value); });
}

Result<std::uint64_t> Process::read(VirtAddr from) {
  return in_kernel([&](AddressSpace& space) { return space.read_user<std::uint64_t>(from); });
}

Path Process::path(VirtAddr va) const {
  Path path;
  path.table[root_level] = space_.tree().root();
  for (int& level = path.lowest; level > 0; --level) {
    const Pte entry = PageTable::at(path.table[level]).get(va.index(level));
    if (entry.is_empty()) return path;
    if (path.owned == level && !machine_.memory().frames.is_shared(entry.frame())) path.owned = level - 1;
    path.table[level - 1] = entry.frame();
  }
  path.leaf = PageTable::at(path.table[0]).get(va.index(0));
  return path;
}

std::uint32_t Process::count(VirtAddr va) const {
  return frame(va) == Ppn() ? 0 : machine_.memory().frames.record(frame(va)).count.load(relaxed);
}

}  // namespace ox::sim
