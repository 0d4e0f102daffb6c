// A process of a simulated machine. Its accesses go through the MMU of its hart. A page fault is passed to the address
// space, and the access is retried, as the trap handler does it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "sim/machine.h"

namespace ox::sim {

// The path from the root to an address, as far as there are tables.
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
  // For inspection; operations that change the space are below.
  AddressSpace& space() { return space_; }
  // The process runs on this hart from now on.
  void move_to(unsigned hart);

  // --- accesses by the user. False or nothing: the access is refused, which would kill a program; faults() has the
  // outcomes.
  bool store(VirtAddr va, std::uint64_t value);
  std::optional<std::uint64_t> load(VirtAddr va);
  std::optional<std::uint64_t> fetch(VirtAddr va);
  // The outcomes of the faults of the last access.
  const std::vector<FaultOutcome>& faults() const { return faults_; }

  // --- system calls of the process. fork returns null if it fails.
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
  // Any other call: f(space), then the audit.
  template <class F>
  auto in_kernel(F f) {
    enter();
    if constexpr (std::is_void_v<decltype(f(space_))>) {
      f(space_);
      machine_.audit();
    } else {
      auto result = f(space_);
      machine_.audit();
      return result;
    }
  }

  // The tables on the path to `va`; nothing faults.
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

// The frames that the first regions of a process take in addition: one block, as long as they are few (vm/regions.h).
inline constexpr std::size_t block = 1;

// Pages of [start, start + pages).
constexpr VirtRange pages(VirtAddr start, std::uint64_t count = 1) { return {start, start + count * page_size}; }

}  // namespace ox::sim
