// Bytes that can be read at an offset: a file, or on the host a test's array.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ox {

class ByteSource {
 public:
  virtual std::uint64_t size() const = 0;
  // Copies what there is of [offset, offset + to.size()); how much that is.
  virtual std::uint64_t read(std::uint64_t offset, std::span<std::byte> to) const = 0;

 protected:
  ~ByteSource() = default;
};

}  // namespace ox
