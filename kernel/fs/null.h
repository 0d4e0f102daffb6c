// /dev/null: swallows what is written and is always at its end. One object, which lasts as long as the kernel.
#pragma once

#include "fs/file.h"

namespace ox {

class NullDevice final : public File {
 public:
  Result<std::uint64_t> read(AddressSpace&, VirtAddr, std::uint64_t) override { return 0; }
  Result<std::uint64_t> write(AddressSpace&, VirtAddr, std::uint64_t size) override { return size; }
  Result<std::uint64_t> seek(std::int64_t, abi::Whence) override { return 0; }
  abi::stat status() const override {
    abi::stat status;
    status.st_mode = abi::s_ifchr | 0666;
    status.st_nlink = 1;
    status.st_rdev = abi::device_number(1, 3);
    return status;
  }
};

}  // namespace ox
