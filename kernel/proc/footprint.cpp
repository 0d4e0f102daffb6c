#include "proc/footprint.h"

namespace ox {

bool is_file_page(const Memory& memory, Ppn frame) {
  return memory.frames.record(frame).kind == FrameKind::cached && frame != memory.zero.ppn();
}

static void count_resident(const Memory& memory, Ppn node, int level, Footprint& sum) {
  for_each_entry(PageTable::at(node), memory.frames.record(node).used_groups, [&](std::size_t, Pte entry) {
    if (level > 0) return count_resident(memory, entry.frame(), level - 1, sum);
    sum.resident += entry.frame() != memory.zero.ppn() ? 1 : 0;
    sum.files += is_file_page(memory, entry.frame()) ? 1 : 0;
  });
  interrupt_window();
}

Footprint footprint(const Process& process) {
  Footprint sum;
  const auto& space = process.space;
  if (!space) return sum;
  space->regions().for_each([&](const Region& region) {
    const std::uint64_t pages = region.range.size() / page_size;
    sum.size += pages;
    if (region.kind == RegionKind::stack) sum.stack += pages;
    if (region.kind == RegionKind::image && region.prot.execute) sum.text += pages;
    if (region.kind != RegionKind::stack && !region.is_map_shared() && region.prot.write) sum.data += pages;
  });
  count_resident(space->memory(), space->tree().root(), root_level, sum);
  return sum;
}

}  // namespace ox
