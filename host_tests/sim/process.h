// A process of a simulated machine: its user accesses go through the MMU of the hart it runs on, and a page fault goes
// to the address space and is retried, as the trap handler does it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/machine.h"

namespace ox::sim {

// The way from the root to an address, as far as there are tables.
struct Path {
  Ppn table[3];  // table[level], for level >= lowest
  int lowest = root_level;
  int owned = root_level;  // tables at this level and above are owned (rule 2)
  Pte leaf;                // empty when lowest > 0
};

class Process {
 public:
  Process(Machine& machine, AddressSpace space);
  ~Process();  // exits
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int pid() const { return space_.pid(); }
  // For questions; operations are below.
  AddressSpace& space() { return space_; }
  // The hart it runs on from now on.
  void move_to(unsigned hart);

  // --- as the user: false or nothing if the access killed the process; faults() says how it went.
  bool store(VirtAddr va, std::uint64_t value);
  std::optional<std::uint64_t> load(VirtAddr va);
  std::optional<std::uint64_t> fetch(VirtAddr va);
  // The faults of the last access.
  const std::vector<FaultOutcome>& faults() const { return faults_; }

  // --- as the kernel, for the process. Null: fork failed.
  std::unique_ptr<Process> fork(ForkMode mode);
  Result<> map(VirtRange range, Prot prot);
  Result<> map_file(VirtRange range, Prot prot, RegionKind kind, const Ref<File>& file, std::uint32_t first_page = 0);
  Result<> map_frame(VirtAddr va, Ppn frame);
  Result<> unmap(VirtRange range);
  Result<> protect(VirtRange range, Prot prot);
  Result<VirtAddr> remap(VirtRange range, std::uint64_t new_size, bool may_move);
  Result<> discard(VirtRange range);
  VirtAddr set_heap_end(VirtAddr end);
  Result<> write(VirtAddr to, std::uint64_t value);
  Result<std::uint64_t> read(VirtAddr from);
  // Anything else: f(space), then the audit.
  template <class F>
  auto in_kernel(F f) {
    enter();
    auto result = f(space_);
    machine_.audit();
    return result;
  }

  // What the table says about `va`, without a fault.
  Path path(VirtAddr va) const;
  Pte leaf(VirtAddr va) const { return space_.tree().walk(va); }
  Ppn frame(VirtAddr va) const { return leaf(va).frame(); }
  std::uint32_t count(VirtAddr va) const;

 private:
  void enter();
  std::byte* touch(VirtAddr va, Access access);

  Machine& machine_;
  AddressSpace space_;
  unsigned hart_ = 0;
  std::vector<FaultOutcome> faults_;
};

inline constexpr Prot rw{.read = true, .write = true};
inline constexpr Prot ro{.read = true};
inline constexpr Prot rx{.read = true, .execute = true};
inline constexpr Prot none{};

// Frames for regions that a process without any does not have, as long as they are few (vm/regions.h).
inline constexpr std::size_t block = 1;

// Pages of [start, start + pages).
constexpr VirtRange pages(VirtAddr start, std::uint64_t count = 1) { return {start, start + count * page_size}; }

}  // namespace ox::sim
