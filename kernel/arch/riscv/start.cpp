#include "arch/riscv/start.h"

#include "arch/atomic.h"
#include "arch/riscv/image.h"
#include "arch/riscv/layout.h"
#include "arch/riscv/sbi.h"

namespace ox {

extern "C" const char secondary_start[], panic_stacks[];

bool start_hart(const StartRecord& record) {
  std::atomic_thread_fence(std::memory_order_seq_cst);  // the other hart reads the record past our store buffer
  return sbi_hart_start(record.hart->hartid, image_phys(secondary_start), image_phys(&record).value());
}

std::uint64_t panic_stack_top(unsigned hart_index) {
  return reinterpret_cast<std::uintptr_t>(panic_stacks) + (hart_index + 1) * PANIC_STACK_SIZE;
}

}  // namespace ox
