// Numbers that assembler and C++ share. A static_assert for each, in trap_frame.h and main.cpp, keeps it equal to the
// C++ structure.
#pragma once

// Offsets in Hart, and its size. The panic stack is its last member, so the end of a Hart is the top of that stack.
#define HART_HARTID 0
#define HART_STACK 8
#define HART_SIZE 4144

// The boot stack is laid out like every kernel stack (lib/memory_layout.h): a guard, and the stack above it. Each of
// the two has this size.
#define BOOT_STACK_SIZE 8192

// Offsets in TrapFrame. The slot of x0 holds the interrupted pc.
#define FRAME_X(n) (8 * (n))
#define FRAME_PC 0
#define FRAME_SSTATUS 256
#define FRAME_SCAUSE 264
#define FRAME_STVAL 272
#define FRAME_HART 280
#define FRAME_SIZE 288
// A trap from the kernel has a frame record for the backtrace above the trap frame. Its last three words are ra, s0 and
// pc.
#define KERNEL_FRAME_SIZE 320
