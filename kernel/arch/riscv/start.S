// The first instructions of every hart. The code is linked at virtual addresses but runs at physical ones, so until
// translation is on every address is computed relative to the pc.
//
// There is no identity mapping, not even an early one. The fetch after the write of satp faults, and the trap goes to
// stvec, which holds the upper-half address of the next line.
#include "arch/riscv/layout.h"

    .cfi_sections .debug_frame

    .equ image_gigapage, 510            // root index of 0xffff_ffff_8000_0000
    .equ direct_map_gigapage, 256       // ... of 0xffff_ffc0_0000_0000
    .equ device_gigapage, 320           // ... of 0xffff_ffd0_0000_0000
    .equ direct_map_gigapages, 64       // RAM and device tree anywhere below 64 GiB
    .equ gigapage, 1 << 28              // the PPN of PA 1 GiB, at its place in an entry
    .equ RW, 0xc7                       // D A W R V
    .equ RWX, 0xcf                      // only the boot table has W with X; no process ever uses it

// Turns translation on with the satp value in t0 and continues at the next line, in the upper half.
.macro enter_upper_half
    li t1, 0xffffffff00000000
    lla t2, 1f
    add t1, t1, t2
    csrw stvec, t1
    sfence.vma
    csrw satp, t0
    .balign 4
1:  lla t1, trap_entry
    csrw stvec, t1
.endm

// Sets the CSRs as the kernel expects them: interrupts off, no floating point, no access to user memory.
.macro reset_csrs
    csrw sie, zero
    csrw sscratch, zero
    li t0, 0xc6002                      // MXR SUM FS SIE
    csrc sstatus, t0
.endm

    .section .text.start, "ax", @progbits
    .globl _start
_start:                                 // a0 = hartid, a1 = physical address of the device tree
    .cfi_startproc
    .cfi_undefined ra
    // The first hart to arrive is the boot hart. Under OpenSBI 1.1 others can arrive here too: see sbi_hart_start().
    lla t0, boot_hart_chosen
    li t1, 1
    amoswap.w t1, t1, (t0)
    bnez t1, secondary_start
    reset_csrs
    lla t0, bss_start
    lla t1, bss_end
1:  sd zero, 0(t0)
    addi t0, t0, 8
    bltu t0, t1, 1b

    lla t0, boot_root
    srli t0, t0, 12
    li t1, 8 << 60                      // Sv39
    or t0, t0, t1
    enter_upper_half
    lla sp, boot_stack_top
    lla tp, harts
    sd a0, HART_HARTID(tp)
    li s0, 0                            // ends the chain of frames
    call kernel_main
    .cfi_endproc

    .globl secondary_start
secondary_start:                        // a0 = hartid; a1 may hold anything
    .cfi_startproc
    .cfi_undefined ra
    reset_csrs
    lla t0, start_satp
    ld t0, 0(t0)
    enter_upper_half
    lla tp, harts
    li t1, HART_SIZE
1:  ld t0, HART_HARTID(tp)              // the boot hart has filled in this hart's record
    beq t0, a0, 2f
    add tp, tp, t1
    j 1b
2:  ld sp, HART_STACK(tp)
    li s0, 0
    call secondary_main
    .cfi_endproc

    .data                               // not bss, which the boot hart clears
    .globl start_satp
    .balign 8
start_satp:
    .dword 0
boot_hart_chosen:
    .word 0

    .balign 4096
boot_root:
    .org boot_root + 8 * direct_map_gigapage
    .set number, 0
    .rept direct_map_gigapages
    .dword number * gigapage | RW
    .set number, number + 1
    .endr
    .org boot_root + 8 * device_gigapage
    .dword RW
    .org boot_root + 8 * image_gigapage
    .dword (0x80000000 >> 2) | RWX
    .org boot_root + 4096

    .bss
    .balign 2 * BOOT_STACK_SIZE
    .globl boot_stack_guard
boot_stack_guard:                       // the kernel's map leaves it out
    .skip BOOT_STACK_SIZE
    .skip BOOT_STACK_SIZE
boot_stack_top:
