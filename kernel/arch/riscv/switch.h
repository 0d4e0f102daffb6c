// Switching threads: callee-saved registers and floating point. sched/thread.h defines the structures.
#pragma once

#include <cstdint>

#include "arch/csr.h"

namespace ox {

struct Context;
struct FpState;

// Saves this thread's registers in `from` and loads those of another thread from `to`. Returns when a later call
// switches back. A new thread's context names its first instruction (ra) and its stack (sp).
extern "C" void context_switch(Context& from, const Context& to);

// Save and load the floating-point registers (switch.S). sstatus.FS of this hart must not be Off.
extern "C" void fp_save(FpState& to);
extern "C" void fp_load(const FpState& from);

// Saves the floating-point registers if user code has written one since the last save. `sstatus` is the one in the
// process's trap frame.
inline void fp_save_if_dirty(FpState& to, std::uint64_t& sstatus) {
  if ((sstatus & sstatus_FS) != sstatus_FS_dirty) return;
  csr_set<Csr::sstatus>(sstatus_FS);
  fp_save(to);
  sstatus = (sstatus & ~sstatus_FS) | sstatus_FS_clean;
}

inline void fp_restore(const FpState& from) {
  csr_set<Csr::sstatus>(sstatus_FS);
  fp_load(from);
}

}  // namespace ox
