// Device registers: where they are on QEMU's virt machine and where they are mapped, how they are read and written.
#pragma once

#include <cstdint>

#include "lib/address.h"

namespace ox {

// Devices stand at their physical address plus this.
inline constexpr std::uint64_t device_offset = 0xffff'ffd0'0000'0000;

// QEMU's hw/riscv/virt.c.
inline constexpr PhysRange power_registers{PhysAddr(0x10'0000), PhysAddr(0x10'1000)};
inline constexpr PhysRange plic_registers{PhysAddr(0xc00'0000), PhysAddr(0x1000'0000)};
inline constexpr PhysRange uart_registers{PhysAddr(0x1000'0000), PhysAddr(0x1000'1000)};
inline constexpr std::uint32_t uart_interrupt = 10;  // the PLIC's source

// T is the width that the device wants. The fences order device registers with memory and with each other.
template <class T>
T read_register(PhysAddr address) {
  const T value = *reinterpret_cast<const volatile T*>(address.value() + device_offset);  // NOLINT: a device
  asm volatile("fence i, ir" ::: "memory");
  return value;
}

template <class T>
void write_register(PhysAddr address, T value) {
  asm volatile("fence ow, o" ::: "memory");
  *reinterpret_cast<volatile T*>(address.value() + device_offset) = value;  // NOLINT: a device
}

}  // namespace ox
