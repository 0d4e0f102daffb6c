// Assembler's numbers (arch/riscv/layout.h and switch.S) against the structures they mean.
#include "arch/riscv/layout.h"

#include <cstddef>

#include "arch/hart.h"
#include "arch/riscv/trap_frame.h"
#include "sched/thread.h"

namespace ox {

static_assert(offsetof(Hart, hartid) == HART_HARTID);
static_assert(offsetof(Hart, stack_top) == HART_STACK);
static_assert(sizeof(Hart) == HART_SIZE && offsetof(Hart, panic_stack) + sizeof(Hart::panic_stack) == HART_SIZE);

static_assert(offsetof(TrapFrame, x) == FRAME_PC && FRAME_X(0) == FRAME_PC);
static_assert(offsetof(TrapFrame, sstatus) == FRAME_SSTATUS);
static_assert(offsetof(TrapFrame, scause) == FRAME_SCAUSE);
static_assert(offsetof(TrapFrame, stval) == FRAME_STVAL);
static_assert(offsetof(TrapFrame, hart) == FRAME_HART);
static_assert(sizeof(TrapFrame) == FRAME_SIZE && FRAME_SIZE % 16 == 0);

static_assert(offsetof(Context, ra) == 0 && offsetof(Context, sp) == 8 && offsetof(Context, s) == 16 &&
              offsetof(Context, gp) == 112);
static_assert(offsetof(FpState, f) == 0 && offsetof(FpState, fcsr) == 256);

// entry.S tells an overflown stack by this one bit (lib/address.h).
static_assert(kernel_stack_size == 1 << 13 && kernel_stack_slot == 2 * kernel_stack_size);
static_assert(BOOT_STACK_SIZE == kernel_stack_size);

}  // namespace ox
