// Device registers: where they are mapped, and how they are read and written.
#pragma once

#include <cstdint>

#include "lib/memory_layout.h"

namespace ox {

// T is the width of the register. The fences order accesses to device registers with memory and with each other.
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
