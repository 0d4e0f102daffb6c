// A number for what is in memory. Frames, and the words that stand at the start of pages, are named in the order in
// which they are met, so two memories that differ only in frame numbers or in what the bytes are have the same number.
#pragma once

#include <cstdint>
#include <vector>

#include "vm/space.h"

namespace ox::states {

class Portrait {
 public:
  explicit Portrait(Memory& memory) : memory_(memory), names_(memory.frames.total()) {}

  void add(const AddressSpace& space);
  std::uint64_t number() const { return number_; }

 private:
  void add(std::uint64_t word);
  bool name(Ppn frame);
  void tree(Ppn node, int level);
  void page(Ppn frame);

  Memory& memory_;
  std::vector<std::uint8_t> names_;
  std::uint8_t frames_named_ = 0;
  std::vector<std::uint64_t> words_;  // those met, in order
  std::uint64_t number_ = 0;
};

}  // namespace ox::states
