// Trap entry and return. One rule tells where a trap comes from: sscratch holds the top of the kernel stack while the
// hart is in user mode, and 0 while it is in the kernel.
//
// The .cfi lines are for debuggers, and a reader can skip them. They say for each instruction where the interrupted code's
// registers are, so that a backtrace crosses the trap. Column 64 is the psABI's alternate return column: the interrupted pc.
#include "arch/riscv/layout.h"

    .cfi_sections .debug_frame          // nothing of it is loaded
    .text

// Every register but sp, which is saved last and restored last.
.macro all_registers operation:req, argument
    .irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \operation \n, \argument
    .endr
.endm

// size = bytes from the frame's start to the CFA.
.macro save n, size
    sd x\n, FRAME_X(\n)(sp)
    .cfi_offset \n, FRAME_X(\n) - \size
.endm

.macro restore n
    ld x\n, FRAME_X(\n)(sp)
    .cfi_same_value \n
.endm

// Leaves the interrupted pc in t0.
.macro save_csrs size
    csrr t1, sstatus
    sd t1, FRAME_SSTATUS(sp)
    csrr t1, stval
    sd t1, FRAME_STVAL(sp)
    csrr t1, scause
    sd t1, FRAME_SCAUSE(sp)
    csrr t0, sepc
    sd t0, FRAME_PC(sp)
    .cfi_offset 64, FRAME_PC - \size
.endm

.macro restore_csrs
    ld t0, FRAME_SSTATUS(sp)
    ld t1, FRAME_PC(sp)
    csrw sstatus, t0
    csrw sepc, t1
    .cfi_register 64, sepc
.endm

    .globl trap_entry
    .type trap_entry, @function
    .balign 4                           // stvec, direct mode
trap_entry:
    .cfi_startproc
    .cfi_signal_frame                   // the pc is exact, and the stack may change
    .cfi_return_column 64
    .cfi_def_cfa sp, 0
    .cfi_register 64, sepc
    .cfi_same_value sp                  // not the CFA, as it is in functions
    .cfi_same_value ra
    csrrw sp, sscratch, sp
    .cfi_register sp, sscratch
    beqz sp, from_kernel
    .cfi_remember_state
    addi sp, sp, -FRAME_SIZE
    .cfi_def_cfa sp, FRAME_SIZE
    all_registers save, FRAME_SIZE
    csrrw t0, sscratch, zero            // in the kernel from here on
    .cfi_register sp, t0
    sd t0, FRAME_X(2)(sp)
    .cfi_offset sp, FRAME_X(2) - FRAME_SIZE
    save_csrs FRAME_SIZE
    .cfi_remember_state
    ld tp, FRAME_HART(sp)
    mv a0, sp
    call trap_from_user
trap_return:                            // sp = a TrapFrame at the top of the kernel stack
    sd tp, FRAME_HART(sp)
    addi t0, sp, FRAME_SIZE
    csrw sscratch, t0                   // the rest cannot trap: interrupts are off, the stack is mapped
    restore_csrs
    all_registers restore
    ld sp, FRAME_X(2)(sp)
    .cfi_same_value sp
    .cfi_def_cfa sp, 0
    sret

    .globl enter_new_process
enter_new_process:                      // the first instruction of a new process's thread, sp = its TrapFrame
    .cfi_restore_state
    call start_new_process
    j trap_return

from_kernel:
    .cfi_restore_state
    csrrw sp, sscratch, sp              // sscratch is 0 again
    .cfi_same_value sp
    csrw sscratch, t0
    .cfi_register t0, sscratch
    // Would the frame lie in the guard? Storing it there would trap again, for ever. One bit tells (lib/memory_layout.h).
    addi t0, sp, -KERNEL_FRAME_SIZE
    slli t0, t0, 50                     // bit 13 is the sign
    bgez t0, overflow
    mv t0, sp
1:  .cfi_register sp, t0                // the interrupted sp
    addi sp, sp, -KERNEL_FRAME_SIZE
    .cfi_def_cfa sp, KERNEL_FRAME_SIZE
    sd t0, FRAME_X(2)(sp)
    .cfi_offset sp, FRAME_X(2) - KERNEL_FRAME_SIZE
    csrrw t0, sscratch, zero
    .cfi_same_value t0
    all_registers save, KERNEL_FRAME_SIZE
    save_csrs KERNEL_FRAME_SIZE
    // A frame record as C++ functions make them, for the interrupted code: the kernel's backtrace walks on through it
    // (arch/riscv/backtrace.cpp).
    sd ra, KERNEL_FRAME_SIZE - 24(sp)
    sd s0, KERNEL_FRAME_SIZE - 16(sp)
    sd t0, KERNEL_FRAME_SIZE - 8(sp)    // the interrupted pc
    addi s0, sp, KERNEL_FRAME_SIZE
    mv a0, sp
    call trap_from_kernel

    .globl kernel_trap_return           // the backtrace knows a trap by this return address
kernel_trap_return:
    restore_csrs
    all_registers restore               // tp too: nothing has changed the hart
    ld sp, FRAME_X(2)(sp)
    .cfi_same_value sp
    .cfi_def_cfa sp, 0
    sret

overflow:
    .cfi_same_value sp
    .cfi_def_cfa sp, 0
    .cfi_register t0, sscratch
    mv t0, sp
    .cfi_register sp, t0
    li sp, HART_SIZE
    add sp, sp, tp
    j 1b
    .cfi_endproc
    .size trap_entry, . - trap_entry
