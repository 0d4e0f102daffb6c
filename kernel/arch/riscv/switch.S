// Saves and loads the registers of threads. sched/thread.h has the layouts.

    .cfi_sections .debug_frame
    .text

// void context_switch(Context& from, const Context& to): returns when a later call switches back to `from`. A new
// thread's context names its first instruction and its stack.
    .globl context_switch
    .type context_switch, @function
context_switch:
    .cfi_startproc
    sd ra, 0(a0)
    sd sp, 8(a0)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    sd s\n, 16 + 8 * \n(a0)
    .endr
    ld ra, 0(a1)
    ld sp, 8(a1)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ld s\n, 16 + 8 * \n(a1)
    .endr
    ret
    .cfi_endproc
    .size context_switch, . - context_switch

// The kernel is compiled without floating point; only these two functions use it. sstatus.FS must not be Off.
    .option push
    .option arch, +d

// void fp_save(FpState& to)
    .globl fp_save
    .type fp_save, @function
fp_save:
    .cfi_startproc
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fsd f\n, 8 * \n(a0)
    .endr
    frcsr t0
    sd t0, 256(a0)
    ret
    .cfi_endproc
    .size fp_save, . - fp_save

// void fp_load(const FpState& from): leaves FS dirty, as every write of an f register does.
    .globl fp_load
    .type fp_load, @function
fp_load:
    .cfi_startproc
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fld f\n, 8 * \n(a0)
    .endr
    ld t0, 256(a0)
    fscsr t0
    ret
    .cfi_endproc
    .size fp_load, . - fp_load
    .option pop
