// Kernel stacks: two pages in a slot of their own, with an unmapped guard below (lib/memory_layout.h).
//
// Owns: its two frames. The page tables for all slots exist from boot on (boot/kernel_map.h), so a stack needs no other
// frame. A process's slot follows from its pid (proc/pid_table.h), an idle thread's from its hart, so no two stacks
// share a slot.
//
// Locks: none. The entries of a slot belong to the thread that has the slot.
//
// Fences: alloc() fences on the calling hart, which may write to the stack at once. Every other hart fences in
// write_satp before it runs on the stack, so free() needs no fence.
//
// Fails: Errno::enomem.
#pragma once

#include <array>
#include <cstdint>

#include "arch/riscv/layout.h"
#include "lib/memory_layout.h"
#include "lib/result.h"
#include "vm/memory.h"

namespace ox {

// trap/entry.S detects a stack overflow by one bit of sp.
static_assert(kernel_stack_size == 1 << 13 && kernel_stack_slot == 2 * kernel_stack_size);
static_assert(BOOT_STACK_SIZE == kernel_stack_size);

class KernelStack {
 public:
  KernelStack() = default;
  KernelStack(const KernelStack&) = delete;
  KernelStack& operator=(const KernelStack&) = delete;
  ~KernelStack() { free(); }

  Result<> alloc(Memory& memory, unsigned slot);
  void free();
  // The first address above the stack, which grows down.
  std::uint64_t top() const { return bottom_.value() + kernel_stack_size; }

 private:
  Memory* memory_ = nullptr;
  VirtAddr bottom_;
  std::array<FrameRef, kernel_stack_size / page_size> frames_;
};

}  // namespace ox
