// Arch contract: which hart runs this, and its interrupts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "arch/csr.h"

namespace ox {

struct Kernel;
struct Thread;

inline constexpr unsigned max_harts = 8;

// A hart's own record; the kernel's tp points to it. Written before the hart starts, then by itself only, so no lock.
struct Hart {
  std::uint64_t hartid = 0;     // SBI's number
  std::uint64_t stack_top = 0;  // where it begins, but for the boot hart
  unsigned index = 0;           // ours: 0 .. harts-1
  int pid = 0;                  // of the process that runs here, for messages; 0: none
  bool panicking = false;
  bool may_use_reserve = false;  // for the thread that runs here (Linux: PF_MEMALLOC)
  bool overdue = false;          // it is another thread's turn (Linux: TIF_NEED_RESCHED)
  Thread* current = nullptr;     // what runs here; sched/
  Kernel* kernel = nullptr;      // the machine's one set of objects; main.cpp
  // Where trap entry goes on when a kernel stack has overflown.
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

// Lets pending interrupts in for a moment. Long work calls it between steps. Its caller holds no spin lock but one that
// no interrupt takes: those stand above `object` in the lock order (sync/spinlock.h).
inline void let_interrupts_in() {
  csr_set<Csr::sstatus>(sstatus_SIE);
  csr_clear<Csr::sstatus>(sstatus_SIE);
}

// Lets other threads run, in the middle of what this one does (sched/).
void give_way();

// Lets pending interrupts in, and others run if it is their turn (Linux: cond_resched). Long work calls it between
// steps, holding no spin lock. The thread may be on another hart then. In a debug build it is always their turn.
inline void interrupt_window() {
  let_interrupts_in();
  if (OX_DEBUG || this_hart().overdue) [[unlikely]]
    give_way();
}

// Until an interrupt is pending, whether they are enabled or not.
inline void wait_for_interrupt() { asm volatile("wfi" ::: "memory"); }

inline void spin_hint() { asm volatile(".insn i 0x0F, 0, x0, x0, 0x010" ::: "memory"); }  // pause (Zihintpause)

}  // namespace ox
