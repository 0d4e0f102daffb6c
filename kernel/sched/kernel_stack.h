// Kernel stacks: two pages in a slot of their own, with an unmapped guard below (lib/address.h).
//
// Owns: which slots are taken; each stack owns its two frames. The slots' page tables exist from boot on
// (vm/kernel_map.h), so a stack costs two frames and gives back exactly those.
// Locks: the free slots have their own; a slot's entries belong to who has the slot.
// Fences: create() fences on the calling hart, which may write to the stack at once. Every other hart fences by
// write_satp before it runs on another stack; so nothing is fenced when a stack goes.
// Fails: Errno::enomem without frames, Errno::eagain when all slots are taken.
#pragma once

#include <array>
#include <cstdint>

#include "lib/result.h"
#include "sync/spinlock.h"
#include "vm/memory.h"
#include "vm/pte.h"

namespace ox {

class KernelStacks;

// Move-only. Without a stack it is empty.
class KernelStack {
 public:
  KernelStack() = default;
  KernelStack(KernelStack&& other) noexcept;
  KernelStack& operator=(KernelStack&& other) noexcept;
  ~KernelStack();

  explicit operator bool() const { return stacks_ != nullptr; }
  // The first address above it; stacks grow down.
  std::uint64_t top() const;

 private:
  friend class KernelStacks;
  KernelStack(KernelStacks& stacks, unsigned slot, std::array<FrameRef, 2> frames)
      : stacks_(&stacks), slot_(slot), frames_(std::move(frames)) {}

  KernelStacks* stacks_ = nullptr;
  unsigned slot_ = 0;
  std::array<FrameRef, 2> frames_;
};

class KernelStacks {
 public:
  // `memory.kernel_root` must be complete when create() is called.
  explicit KernelStacks(Memory& memory) : memory_(memory) {}
  KernelStacks(const KernelStacks&) = delete;
  KernelStacks& operator=(const KernelStacks&) = delete;

  Result<KernelStack> create();

 private:
  friend class KernelStack;
  static constexpr unsigned no_slot = kernel_stack_slots;

  // The stack's page `page`, 0 or 1.
  static VirtAddr page_address(unsigned slot, unsigned page) {
    return kernel_stacks.start + (slot * kernel_stack_slot + kernel_stack_size + page * page_size);
  }
  unsigned take_slot();
  void give_back(unsigned slot);
  void set_entry(VirtAddr va, Pte entry);

  Memory& memory_;
  SpinLock lock_{LockRank::slab};
  unsigned fresh_ GUARDED_BY(lock_) = 0;             // slots from here on were never used
  unsigned first_free_ GUARDED_BY(lock_) = no_slot;  // used before, linked by next_free_
  std::array<std::uint16_t, kernel_stack_slots> next_free_ GUARDED_BY(lock_) = {};
};

}  // namespace ox
