// The firmware's description of the machine: a flattened device tree (Devicetree Specification 0.4, chapter 5), read
// once at boot.
//
// The reader trusts none of the tree's bytes. It copies all that it needs, so the tree's memory can be reused. Fails:
// Errno::einval if the bytes are no device tree, if the tree is malformed, or if it has no memory, harts or timebase.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "arch/hart.h"
#include "lib/address.h"
#include "lib/result.h"

namespace ox {

// A list of up to `capacity` elements. push() ignores any more.
template <class T, std::size_t capacity>
class BoundedList {
 public:
  void push(const T& element) {
    if (size_ < capacity) elements_[size_++] = element;
  }
  std::span<T> all() { return {elements_.data(), size_}; }
  std::span<const T> all() const { return {elements_.data(), size_}; }
  std::size_t size() const { return size_; }

 private:
  std::array<T, capacity> elements_{};
  std::size_t size_ = 0;
};

using RangeList = BoundedList<PhysRange, 8>;

struct BootDevice {
  PhysRange registers;
  std::uint32_t interrupt = 0;  // the interrupt controller's number for it; 0: none

  bool present() const { return !registers.empty(); }
};

struct BootInfo {
  RangeList memory;
  RangeList reserved;                           // /reserved-memory: the firmware's
  BoundedList<std::uint64_t, max_harts> harts;  // their hartids, the firmware's numbers
  unsigned harts_left_out = 0;
  std::string_view missing_extension;  // a letter of imafdc that a hart lacks; empty: none
  std::uint64_t timebase = 0;          // ticks of the time CSR in a second
  PhysRange initrd;                    // empty: none
  BootDevice uart, plic;
  BootDevice power{.registers = {PhysAddr(0x10'0000), PhysAddr(0x10'1000)}};  // QEMU's, unless the tree has one
  std::array<char, 1024> bootargs{};
  std::size_t bootargs_size = 0;

  std::string_view command_line() const { return {bootargs.data(), bootargs_size}; }
};

// Fills `info`, which must be empty. The tree is at the start of `bytes`, which may be longer.
Result<> read_device_tree(std::span<const std::byte> bytes, BootInfo& info);

}  // namespace ox
