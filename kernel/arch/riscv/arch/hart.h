// Arch contract: the hart that runs this code, and its interrupts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "arch/csr.h"

namespace ox {

struct Kernel;
struct Thread;

inline constexpr unsigned max_harts = 8;

// One hart's record; the kernel's tp points to it. It needs no lock: the boot hart fills it in before the hart starts,
// and from then on only the hart itself writes to it.
struct Hart {
  std::uint64_t hartid = 0;     // the SBI's number for it
  std::uint64_t stack_top = 0;  // its first stack pointer; not used for the boot hart
  unsigned index = 0;           // the kernel's number for it: 0 .. harts-1
  int pid = 0;                  // of the process that runs here, for messages; 0: none
  bool panicking = false;
  bool may_use_reserve = false;  // for the thread that runs here (Linux: PF_MEMALLOC)
  bool overdue = false;          // it is another thread's turn (Linux: TIF_NEED_RESCHED)
  Thread* current = nullptr;     // the thread that runs here; sched/
  Kernel* kernel = nullptr;      // the machine's one set of objects; main.cpp
  // Trap entry continues on this stack when a kernel stack has overflowed.
  alignas(16) std::array<std::byte, 4096> panic_stack{};
};
inline Hart& this_hart() {
  Hart* hart;
  asm volatile("mv %0, tp" : "=r"(hart));  // volatile: after a switch a thread may be on another hart
  return *hart;
}

inline unsigned hart_index() { return this_hart().index; }

// Whether this hart may allocate the frames that are kept back for process 1.
inline bool may_use_reserve() { return this_hart().may_use_reserve; }

// Takes the interrupts that are pending. Long work calls it between steps. The caller may hold only spin locks that no
// interrupt handler takes: the ones above `object` in the lock order (sync/spinlock.h).
inline void let_interrupts_in() {
  csr_set<Csr::sstatus>(sstatus_SIE);
  csr_clear<Csr::sstatus>(sstatus_SIE);
}

// Yields to other threads in the middle of a kernel operation (sched/).
void give_way();

// Takes the interrupts that are pending, and yields if it is another thread's turn (Linux: cond_resched). Long work
// calls it between steps, holding no spin lock. The thread may continue on another hart. A debug build always yields.
inline void interrupt_window() {
  let_interrupts_in();
  if (OX_DEBUG || this_hart().overdue) [[unlikely]]
    give_way();
}

// Waits until an interrupt is pending, even while interrupts are disabled.
inline void wait_for_interrupt() { asm volatile("wfi" ::: "memory"); }

inline void spin_hint() { asm volatile(".insn i 0x0F, 0, x0, x0, 0x010" ::: "memory"); }  // pause (Zihintpause)

}  // namespace ox
