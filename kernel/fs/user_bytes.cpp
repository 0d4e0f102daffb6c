#include "fs/user_bytes.h"

namespace ox {

Result<> PieceArray::copy_in(AddressSpace& space, VirtAddr from, std::uint64_t count) {
  if (count > abi::uio_maxiov) return Errno::einval;
  for (count_ = 0; count_ < count;) {
    const std::uint64_t pieces = std::min(count - count_, a_frame);
    FrameRef& frame = frames_[count_ / a_frame];
    frame = TRY(FrameRef::make(space.memory().frames, FrameKind::kernel));
    TRY(space.copy_in({frame.bytes(), pieces * sizeof(abi::iovec)}, from + count_ * sizeof(abi::iovec)));
    count_ += pieces;
  }
  return {};
}

Result<> UserBytes::set(const PieceArray& pieces) {
  std::uint64_t size = 0;
  Result<> inside;
  for (std::uint64_t i = 0; i < pieces.count(); ++i) {
    const auto [base, length] = pieces.at(i);
    if (static_cast<std::int64_t>(length) < 0) return Errno::einval;
    if (inside) inside = set(VirtAddr(base), length);
    size = std::min(size + length, most);
  }
  place_ = {};
  pieces_ = &pieces;
  left_ = size;
  return inside;
}

}  // namespace ox
