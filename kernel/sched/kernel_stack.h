// Kernel stacks: two pages in a slot of their own, with an unmapped guard below (lib/memory_layout.h).
//
// Owns: its two frames. The slots' page tables exist from boot on (boot/kernel_map.h), so a stack costs exactly those.
// A process's slot follows from its pid (proc/pid_table.h), an idle thread's from its hart, so no two stacks share one.
//
// Locks: none. A slot's entries belong to the thread whose slot it is.
//
// Fences: alloc() fences on the calling hart, which may write to the stack at once. Every other hart fences by
// write_satp before it runs on another stack, so nothing is fenced when a stack goes.
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

// trap/entry.S tells an overflown stack by one bit of sp.
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
  // The first address above it; stacks grow down.
  std::uint64_t top() const { return bottom_.value() + kernel_stack_size; }

 private:
  Memory* memory_ = nullptr;
  VirtAddr bottom_;
  std::array<FrameRef, kernel_stack_size / page_size> frames_;
};

}  // namespace ox
