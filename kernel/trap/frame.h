// Trap entry and return, and whom they call. entry.S is the assembler's side.
#pragma once

#include "arch/riscv/trap_frame.h"

namespace ox {

// Called by the entry, interrupts off. trap_from_user returns to user mode, on whatever hart it is by then.
extern "C" void trap_from_user(TrapFrame* frame);
extern "C" void trap_from_kernel(TrapFrame* frame);
// A new process's first steps, before it enters user mode.
extern "C" void start_new_process();
// The kernel stack of the interrupted code has overflown. Runs on the hart's panic stack.
extern "C" [[noreturn]] void trap_stack_overflow(TrapFrame* frame);

}  // namespace ox
