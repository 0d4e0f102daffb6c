#include "states/portrait.h"

#include <algorithm>

namespace ox::states {

void Portrait::add(std::uint64_t word) {
  number_ = (number_ ^ word) * 0x9e37'79b9'7f4a'7c15;
  number_ ^= number_ >> 32;
}

// Adds the frame's name, and its record when it is met for the first time, which is what it returns.
bool Portrait::name(Ppn frame) {
  std::uint8_t& name = names_[frame.value() - memory_.frames.first().value()];
  const bool first = name == 0;
  if (first) name = ++frames_named_;
  add(name);
  if (!first) return false;
  const Frame& record = memory_.frames.record(frame);
  add(std::uint64_t{record.count.load(relaxed)} << 8 | static_cast<std::uint64_t>(record.kind));
  add(std::uint64_t{record.used_groups} << 32 | record.writable_groups);
  return true;
}

void Portrait::add(const AddressSpace& space) {
  tree(space.tree().root(), root_level);
  if (!name(space.regions().index_frame())) return;
  space.regions().for_each_block([&](Ppn block) { name(block); });
  space.regions().for_each([&](const Region& region) {
    add(region.range.start.value());
    add(region.range.end.value());
    add(region.make_leaf(Ppn()).bits() << 8 | static_cast<std::uint64_t>(region.kind));
  });
}

void Portrait::tree(Ppn node, int level) {
  if (!name(node)) return;
  if (level == page_level) return page(node);
  for_each_entry(PageTable::at(node), memory_.frames.record(node).used_groups, [&](std::size_t index, Pte entry) {
    add(index << 10 | (entry.bits() & 0x3ff));
    tree(entry.frame(), level - 1);
  });
}

void Portrait::page(Ppn frame) {
  const std::uint64_t word = *reinterpret_cast<const std::uint64_t*>(to_pointer(frame));
  const auto at = std::ranges::find(words_, word);
  add(static_cast<std::uint64_t>(at - words_.begin()) + 1);
  if (at == words_.end()) words_.push_back(word);
}

}  // namespace ox::states
