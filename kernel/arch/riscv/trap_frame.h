// The trap frame: all registers of the interrupted code. While a process is in the kernel, its frame lies at the top of
// its kernel stack, and the kernel reads and changes the process's registers there. trap/entry.S knows the layout.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "arch/csr.h"
#include "arch/riscv/layout.h"

namespace ox {

struct Hart;

// alignas: the stack below the frame must be aligned to 16 (psABI).
struct alignas(16) TrapFrame {
  std::array<std::uint64_t, 32> x{};  // x0 is always 0, so its slot holds the pc: see pc()
  std::uint64_t sstatus = 0;
  std::uint64_t scause = 0;
  std::uint64_t stval = 0;
  Hart* hart = nullptr;  // the return to user mode stores the kernel's tp here, for the next entry

  std::uint64_t& pc() { return x[0]; }
  std::uint64_t pc() const { return x[0]; }
  std::uint64_t& ra() { return x[1]; }
  std::uint64_t& sp() { return x[2]; }
  std::uint64_t& tp() { return x[4]; }
  // Argument n of a call: a0 to a7. a0 is also its result.
  std::uint64_t& a(unsigned n) { return x[10 + n]; }
  std::uint64_t a(unsigned n) const { return x[10 + n]; }

  bool is_interrupt() const { return scause >> 63 != 0; }
};
static_assert(offsetof(TrapFrame, x) == FRAME_PC && FRAME_X(0) == FRAME_PC);
static_assert(offsetof(TrapFrame, sstatus) == FRAME_SSTATUS);
static_assert(offsetof(TrapFrame, scause) == FRAME_SCAUSE);
static_assert(offsetof(TrapFrame, stval) == FRAME_STVAL);
static_assert(offsetof(TrapFrame, hart) == FRAME_HART);
static_assert(sizeof(TrapFrame) == FRAME_SIZE && FRAME_SIZE % 16 == 0);

// sstatus of a new program: user mode, interrupts on, floating point usable.
inline constexpr std::uint64_t user_sstatus = sstatus_SPIE | sstatus_FS_initial;

// The first instruction of a new process's thread, whose stack pointer is at its frame. Calls start_new_process(), then
// enters user mode.
extern "C" void enter_new_process();

}  // namespace ox
