// Control and status registers, named as in the privileged specification.
#pragma once

#include <cstdint>

namespace ox {

enum class Csr : unsigned {
  sstatus = 0x100,
  sie = 0x104,
  sip = 0x144,
  satp = 0x180,
  time = 0xc01,
  instret = 0xc02,
};

inline constexpr std::uint64_t sstatus_SIE = 1u << 1;
inline constexpr std::uint64_t sstatus_SPIE = 1u << 5;
inline constexpr std::uint64_t sstatus_FS = 3u << 13;
inline constexpr std::uint64_t sstatus_FS_initial = 1u << 13;
inline constexpr std::uint64_t sstatus_FS_clean = 2u << 13;
inline constexpr std::uint64_t sstatus_FS_dirty = 3u << 13;

inline constexpr std::uint64_t sstatus_SUM = 1u << 18;
inline constexpr std::uint64_t sstatus_MXR = 1u << 19;

inline constexpr std::uint64_t sie_SSIE = 1u << 1;
inline constexpr std::uint64_t sie_STIE = 1u << 5;
inline constexpr std::uint64_t sie_SEIE = 1u << 9;

inline constexpr std::uint64_t satp_sv39 = std::uint64_t{8} << 60;

template <Csr csr>
inline std::uint64_t csr_read() {
  std::uint64_t value;
  asm volatile("csrr %0, %1" : "=r"(value) : "i"(csr) : "memory");
  return value;
}
template <Csr csr>
inline void csr_write(std::uint64_t value) {
  asm volatile("csrw %0, %1" ::"i"(csr), "rK"(value) : "memory");
}
template <Csr csr>
inline void csr_set(std::uint64_t bits) {
  asm volatile("csrs %0, %1" ::"i"(csr), "rK"(bits) : "memory");
}
template <Csr csr>
inline void csr_clear(std::uint64_t bits) {
  asm volatile("csrc %0, %1" ::"i"(csr), "rK"(bits) : "memory");
}

}  // namespace ox
