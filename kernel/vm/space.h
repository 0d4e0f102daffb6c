// An address space: a tree of page tables and the list of regions that says what may be in it.
//
// Owns: both. Belongs to one process at a time; vfork moves it to the child and back (rule 7).
// Locks: none (rule 8): only the hart that runs the process calls anything here, but for the checker, which looks at
// stopped processes.
// Fails: with Errno::enomem when memory is short, with the error Linux gives for wrong arguments; nothing is half
// done then.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "lib/result.h"
#include "vm/page_table.h"
#include "vm/regions.h"

namespace ox {

class AddressSpace {
 public:
  // An empty one. `pid` names it in messages; pid 1's may use the reserve.
  static Result<AddressSpace> create(Memory& memory, int pid);

  int pid() const { return pid_; }
  void set_pid(int pid);
  Memory& memory() const { return *memory_; }
  const Regions& regions() const { return regions_; }
  const PageTable& table() const { return table_; }

  // This hart translates through this space from now on; on return to user mode new code is seen (rule 7).
  void activate() const;

  // --- fork.cpp
  Result<AddressSpace> fork(ForkMode mode, int child_pid);

  // --- fault.cpp
  // Serves a page fault at `va`, from the user's instruction or from the kernel's own access for it (rule 9).
  FaultOutcome serve_fault(VirtAddr va, Access access) {
    const bool traced = memory_->sink != nullptr;
    const FaultOutcome outcome = traced ? fault_traced(va, access) : fault(va, access);
    Counters::add(memory_->here().faults[static_cast<unsigned>(outcome)]);
    return outcome;
  }

  // --- user_copy.cpp: the kernel's only door to user memory. Errno::efault if the range is not the user's to read
  // or write. When memory runs out the process must die: starved() says so on the way out of the kernel.
  Result<> copy_out(VirtAddr to, std::span<const std::byte> from);
  Result<> copy_in(std::span<std::byte> to, VirtAddr from);
  Result<> zero_out(VirtAddr to, std::uint64_t size);
  // A string with its 0 into `buffer`; Errno::enametoolong if it does not fit.
  Result<std::string_view> copy_string_in(std::span<char> buffer, VirtAddr from);
  // The bytes from `va` to the end of its page, at most `size`, after the fault that the access needs. Good until the
  // caller sleeps or changes what is mapped there; a fault on another page leaves them where they are.
  Result<std::span<std::byte>> pin_page(VirtAddr va, std::uint64_t size, Access access);
  // Where the byte at `va` lies, if the access needs no fault; else null.
  std::byte* present(VirtAddr va, Access access) const {
    if (va >= user_end) return nullptr;
    const Pte leaf = table_.leaf(va);
    return leaf.permits(access) ? to_pointer(leaf.frame()) + va.offset() : nullptr;
  }
  bool starved() const { return starved_; }

  template <class T>
  Result<> write_user(VirtAddr to, const T& value) {
    return copy_out(to, std::as_bytes(std::span(&value, 1)));
  }
  template <class T>
  Result<T> read_user(VirtAddr from) {
    T value;
    TRY(copy_in(std::as_writable_bytes(std::span(&value, 1)), from));
    return value;
  }

  // --- space.cpp. Ranges are page-aligned, not empty; Errno::einval if one leaves user memory.
  // New memory at a free range: zeros, or the pages of a file from `first_page` on.
  Result<> map(VirtRange range, Prot prot, RegionKind kind, Ref<PageSource> source = {}, std::uint32_t first_page = 0);
  // The highest gap of `size` bytes below the stack.
  Result<VirtRange> find_gap(std::uint64_t size) const { return regions_.gap_below(stack_limit, size); }
  // Puts a frame that the kernel owns at `va`, in a mapped region where nothing stands yet: one more reference to it.
  Result<> map_frame(VirtAddr va, Ppn frame);
  // Does what the first loads would do.
  Result<> populate(VirtRange range);
  Result<> unmap(VirtRange range);
  Result<> protect(VirtRange range, Prot prot);
  // Linux: mremap(2). Where the memory stands now, its first pages the same ones.
  Result<VirtAddr> remap(VirtRange range, std::uint64_t new_size, bool may_move);
  // Linux: madvise(MADV_DONTNEED). The next access finds what a first one finds. Errno::enomem if a page is not mapped;
  // those that are have been forgotten.
  Result<> discard(VirtRange range);
  // The heap starts at `start` and is empty.
  void set_heap(VirtAddr start) { heap_start_ = heap_end_ = start; }
  // Linux: brk(2). The new end, or the old one when it cannot be had.
  VirtAddr set_heap_end(VirtAddr end);

 private:
  AddressSpace(Memory& memory, PageTable table, Regions regions, int pid)
      : memory_(&memory), table_(std::move(table)), regions_(std::move(regions)), pid_(pid) {}

  Result<std::span<std::byte>> fault_and_pin(VirtAddr va, std::uint64_t size, Access access);
  bool own(Ppn& table, VirtAddr va);
  FaultOutcome fault(VirtAddr va, Access access);
  FaultOutcome fault_unowned(VirtAddr va, Access access);
  [[gnu::cold]] FaultOutcome fault_traced(VirtAddr va, Access access);
  FaultOutcome decide(VirtAddr va, Access access, Ppn table, Pte leaf);
  FaultOutcome first_load(VirtAddr va, Access access, Ppn table);
  FaultOutcome map_for_load(VirtAddr va, Access access, Ppn table, const Region& region);
  FaultOutcome first_store(VirtAddr va, Ppn table);
  FaultOutcome map_file_page(VirtAddr va, Access access, Ppn table, const Region& region);
  FaultOutcome write_page(VirtAddr va, Ppn table, Pte leaf);
  FaultOutcome write_fault(VirtAddr va, Ppn table, Pte leaf);
  FaultOutcome copy_fault(VirtAddr va, Ppn table, Pte leaf);
  Reserve reserve() const { return pid_ == 1 ? Reserve::allowed : Reserve::kept; }

  Memory* memory_;
  PageTable table_;
  Regions regions_;
  int pid_;
  bool starved_ = false;
  VirtAddr heap_start_;
  VirtAddr heap_end_;
};

}  // namespace ox
