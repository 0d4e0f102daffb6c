// /dev/null, zero, urandom: one object each, which last as long as the kernel.
#pragma once

#include <algorithm>
#include <span>

#include "fs/file.h"
#include "fs/random.h"

namespace ox {

// Swallows what is written and is always at its end.
class NullDevice : public File {
 public:
  explicit NullDevice(std::uint64_t minor = 3) : minor_(minor) {}
  Result<std::uint64_t> read(AddressSpace&, VirtAddr, std::uint64_t) override { return 0; }
  Result<std::uint64_t> write(AddressSpace&, VirtAddr, std::uint64_t size) final { return size; }
  Result<std::uint64_t> seek(std::int64_t, abi::Whence) final { return 0; }
  abi::stat status() const final {
    abi::stat status;
    status.st_mode = abi::s_ifchr | 0666;
    status.st_nlink = 1;
    status.st_rdev = abi::device_number(1, minor_);
    return status;
  }

 private:
  std::uint64_t minor_;
};

class ZeroDevice final : public NullDevice {
 public:
  ZeroDevice() : NullDevice(5) {}
  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size) override {
    TRY(space.zero_out(to, size));
    return size;
  }
};

class RandomDevice final : public NullDevice {
 public:
  RandomDevice() : NullDevice(9) {}
  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size) override {
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
