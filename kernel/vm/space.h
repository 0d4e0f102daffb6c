// An address space: a tree of page tables, and the list of regions that says what may be in it.
//
// Owns: both. Belongs to one process at a time; vfork moves it to the child and back (rule 7).
// Locks: none (rule 8). Only the hart that runs the process calls anything here, except the checker, which looks at
// stopped processes.
// Fails: with Errno::enomem when memory is short, with the error that Linux gives for wrong arguments; nothing is half
// done then, except by discard() and the copies to user memory.
#pragma once

#include "vm/page_tree.h"
#include "vm/regions.h"

namespace ox {

class AddressSpace {
 public:
  // An empty one. `pid` names it in messages and events.
  static Result<AddressSpace> create(Memory& memory, int pid);

  int pid() const { return pid_; }
  void set_pid(int pid);
  Memory& memory() const { return *memory_; }
  const Regions& regions() const { return regions_; }
  const PageTree& tree() const { return tree_; }

  // From now on this hart translates through this space, and sees new code when it returns to user mode (rule 7).
  void activate() const;

  // A second space with the same contents, for the process `child_pid`. Errno::enomem: nothing has changed that a
  // program can see.
  Result<AddressSpace> fork(ForkMode mode, int child_pid);

  // Handles a page fault at `va`, by the user's instruction or by the kernel's own access for it (rule 9): does what
  // fault() does, counts it, and reports it if anyone listens (space_trace.cpp).
  FaultOutcome handle_fault(VirtAddr va, Access access);

  // --- user_copy.cpp: the kernel's only door to user memory. Errno::efault if the user may not read or write the
  // range. Errno::enomem: memory has run out, and the process must die; is_oom_victim() says so on the way out of the
  // kernel.
  Result<> copy_out(VirtAddr to, std::span<const std::byte> from);
  Result<> copy_in(std::span<std::byte> to, VirtAddr from);
  Result<> zero_out(VirtAddr to, std::uint64_t size);
  // Copies a string with its 0 into `buffer`. Errno::enametoolong if it does not fit.
  Result<std::string_view> copy_string_in(std::span<char> buffer, VirtAddr from);
  // The bytes from `va` to the end of its page, at most `size`, after the fault that the access needs. They stay valid
  // until the caller sleeps or changes what is mapped there; a fault on another page does not move them.
  Result<std::span<std::byte>> fault_in(VirtAddr va, std::uint64_t size, Access access);
  // The byte at `va` in the kernel's own map, if the access needs no fault; else null.
  std::byte* present(VirtAddr va, Access access) const {
    if (va >= user_end) return nullptr;
    const Pte leaf = tree_.walk(va);
    return leaf.permits(access) ? to_pointer(leaf.frame()) + va.offset() : nullptr;
  }
  bool is_oom_victim() const { return oom_victim_; }

  // T has no padding: the kernel's old bytes would be in it.
  template <class T>
    requires std::has_unique_object_representations_v<T>
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
  // If it is code, the next activate() fences.
  Result<> map_frame(VirtAddr va, Ppn frame);
  // Does what the first loads would do; leaves out pages that a load may not touch. If the space is active, the caller
  // fences new code (memory.h).
  Result<> populate(VirtRange range);
  Result<> unmap(VirtRange range);
  Result<> protect(VirtRange range, Prot prot);
  // Linux: mremap(2). Returns where the memory is now; its first pages are the same ones.
  Result<VirtAddr> remap(VirtRange range, std::uint64_t new_size, bool may_move);
  // Linux: madvise(MADV_DONTNEED). The next access finds what a first one finds. Errno::enomem if a page is not mapped;
  // the others are discarded all the same.
  Result<> discard(VirtRange range);
  // The heap starts at `start` and is empty.
  void set_heap(VirtAddr start) { heap_start_ = heap_end_ = start; }
  // Linux: brk(2). The new end, or the old one when it cannot be had.
  VirtAddr set_heap_end(VirtAddr end);

 private:
  AddressSpace(Memory& memory, PageTree tree, Regions regions, int pid)
      : memory_(&memory), tree_(std::move(tree)), regions_(std::move(regions)), pid_(pid) {}

  // --- fault.cpp
  FaultOutcome fault(VirtAddr va, Access access);
  FaultOutcome first_touch(VirtAddr va, const Region& region, Access access);
  FaultOutcome write_fault(VirtAddr va, Pte leaf);

  // --- space_trace.cpp
  FaultOutcome reported_fault(VirtAddr va, Access access);

  Memory* memory_;
  PageTree tree_;
  Regions regions_;
  int pid_;
  bool oom_victim_ = false;
  VirtAddr heap_start_;
  VirtAddr heap_end_;
};

}  // namespace ox
