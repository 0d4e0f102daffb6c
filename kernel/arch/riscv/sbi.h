// Calls to the firmware (RISC-V Supervisor Binary Interface 1.0; OpenSBI on QEMU).
#pragma once

#include <cstdint>

#include "lib/address.h"

namespace ox {

// Returns the SBI's error code; 0 is success.
inline std::uint64_t sbi_call(long extension, long function, std::uint64_t first = 0, std::uint64_t second = 0) {
  register std::uint64_t a0 asm("a0") = first;
  register std::uint64_t a1 asm("a1") = second;
  register long a6 asm("a6") = function;
  register long a7 asm("a7") = extension;
  asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
  return a0;
}

// TIME: asks for a timer interrupt on this hart when the time CSR reaches `when`, and clears a pending one.
inline void sbi_set_timer(std::uint64_t when) { sbi_call(0x54494d45, 0, when); }

// IPI: sends a software interrupt to the hart with this id. The receiver clears its own sip.SSIP.
inline void sbi_send_ipi(std::uint64_t hartid) { sbi_call(0x735049, 0, 1, hartid); }

// HSM: starts the hart at `start` without translation, with a0 = hartid. False: there is no such hart, or it runs
// already. OpenSBI 1.1 has a race: it marks the hart as to be started before it stores the address, so the hart may
// begin at the boot hart's entry instead.
inline bool sbi_hart_start(std::uint64_t hartid, PhysAddr start) {
  return sbi_call(0x48534d, 0, hartid, start.value()) == 0;
}

// SRST: shuts the machine down, with reason "system failure" if `failed`. Returns only if the firmware cannot do it.
inline void sbi_shutdown(bool failed) { sbi_call(0x53525354, 0, 0, failed ? 1 : 0); }

// Legacy console output, used until the UART is known.
inline void sbi_putchar(char c) { sbi_call(1, 0, static_cast<unsigned char>(c)); }

}  // namespace ox
