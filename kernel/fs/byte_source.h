// Bytes that can be read at an offset: a file, or an array in a host test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ox {

class ByteSource {
 public:
  virtual std::uint64_t size() const = 0;
  // Copies the bytes [offset, offset + to.size()), as far as they exist. Returns how many were copied.
  virtual std::uint64_t read(std::uint64_t offset, std::span<std::byte> to) const = 0;

 protected:
  ~ByteSource() = default;
};

}  // namespace ox
