// /dev/null, zero, urandom: one object each, which last as long as the kernel.
#pragma once

#include <algorithm>
#include <span>

#include "fs/memory_inode.h"
#include "fs/random.h"

namespace ox {

// Swallows what is written and is always at its end.
class NullDevice : public Device {
 public:
  explicit NullDevice(FileSystem& file_system, std::uint64_t minor = 3)
      : Device(file_system, 0666, abi::device_number(1, minor)) {}
  Result<std::uint64_t> read(AddressSpace&, VirtAddr, std::uint64_t, std::uint64_t) override { return 0; }
  Result<std::uint64_t> write(AddressSpace&, VirtAddr, std::uint64_t size, std::uint64_t&, bool) final { return size; }
};

class ZeroDevice final : public NullDevice {
 public:
  explicit ZeroDevice(FileSystem& file_system) : NullDevice(file_system, 5) {}
  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size, std::uint64_t) override {
    TRY(space.zero_out(to, size));
    return size;
  }
};

class RandomDevice final : public NullDevice {
 public:
  explicit RandomDevice(FileSystem& file_system) : NullDevice(file_system, 9) {}
  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size, std::uint64_t) override {
    for (std::uint64_t done = 0; done < size;) {
      const std::uint64_t word = numbers.next();
      const std::uint64_t part = std::min(size - done, sizeof(word));
      TRY(space.copy_out(to + done, std::as_bytes(std::span(&word, 1)).first(part)));
      done += part;
    }
    return size;
  }

  RandomNumbers numbers;
};

}  // namespace ox
