// Numbers that assembler and C++ share. Their users in C++ assert that they agree: trap_frame.h, and main.cpp beside
// the records of the harts.
#pragma once

// Offsets in Hart, and its size; its end is the top of its panic stack.
#define HART_HARTID 0
#define HART_STACK 8
#define HART_SIZE 4144

// The boot stack is built as all kernel stacks are (lib/memory_layout.h): a guard, and above it the stack, of this size
// each.
#define BOOT_STACK_SIZE 8192

// Offsets in TrapFrame; x[0]'s place holds the interrupted pc.
#define FRAME_X(n) (8 * (n))
#define FRAME_PC 0
#define FRAME_SSTATUS 256
#define FRAME_SCAUSE 264
#define FRAME_STVAL 272
#define FRAME_HART 280
#define FRAME_SIZE 288
// A trap from the kernel keeps a frame record above the frame, which the backtrace walks through: ra, s0, pc at the
// end.
#define KERNEL_FRAME_SIZE 320
