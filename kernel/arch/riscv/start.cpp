#include "arch/riscv/start.h"

#include "arch/atomic.h"
#include "arch/memory.h"
#include "arch/riscv/image.h"
#include "arch/riscv/layout.h"
#include "arch/riscv/sbi.h"

namespace ox {

// start.S finds a hart's record by its number.
extern "C" {
constinit StartRecord start_records[max_harts];
extern const char secondary_start[], panic_stacks[];
}

bool start_hart(unsigned index, std::uint64_t hartid, Ppn root, std::uint64_t stack) {
  Hart& hart = harts[index];
  hart.panic_stack_top = reinterpret_cast<std::uintptr_t>(panic_stacks) + PANIC_STACK_SIZE * (std::uint64_t{index} + 1);
  hart.hartid = hartid;
  hart.index = index;
  start_records[index] = {.hartid = hartid, .satp = satp_sv39 | root.value(), .stack_top = stack, .hart = &hart};
  std::atomic_thread_fence(std::memory_order_seq_cst);  // before the other hart reads it
  return sbi_hart_start(hartid, image_phys(secondary_start));
}

}  // namespace ox
