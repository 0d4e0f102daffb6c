#include "vm/regions.h"

#include <algorithm>
#include <array>

namespace ox {

namespace {

// The frame's contents.
struct List {
  std::size_t count = 0;
  std::array<Region, Regions::capacity> regions;

  static List& in(const FrameRef& frame) { return *reinterpret_cast<List*>(frame.bytes()); }

  // Appends in order of address, merging with the last one where both say the same. False: no room.
  bool append(const Region& region) {
    if (region.range.empty()) return true;
    if (count > 0) {
      Region& last = regions[count - 1];
      if (last.range.end == region.range.start && last.prot == region.prot && last.kind == region.kind) {
        last.range.end = region.range.end;
        return true;
      }
    }
    if (count == regions.size()) return false;
    regions[count++] = region;
    return true;
  }
};
static_assert(sizeof(List) <= page_size);

// `region` as far as it lies in [start, end); may be empty.
Region part(Region region, VirtAddr start, VirtAddr end) {
  region.range = {std::max(region.range.start, start), std::min(region.range.end, end)};
  return region;
}

Result<FrameRef> new_list(Memory& memory, Reserve reserve) {
  FrameRef list = TRY(FrameRef::make(memory.frames, FrameKind::kernel, reserve));
  List::in(list).count = 0;
  return list;
}

}  // namespace

bool Region::allows(Access access) const {
  return access == Access::load ? prot.read || prot.write : access == Access::store ? prot.write : prot.execute;
}

Result<Regions> Regions::create(Memory& memory, Reserve reserve) { return Regions(TRY(new_list(memory, reserve))); }

std::span<const Region> Regions::all() const {
  const List& list = List::in(frame_);
  return std::span(list.regions).first(list.count);
}

const Region* Regions::find(VirtAddr va) const {
  const std::span<const Region> regions = all();
  const auto after = std::ranges::upper_bound(regions, va, {}, [](const Region& region) { return region.range.start; });
  if (after == regions.begin()) return nullptr;
  const Region& region = *(after - 1);
  return region.range.contains(va) ? &region : nullptr;
}

bool Regions::free(VirtRange range) const {
  return std::ranges::none_of(all(), [&](const Region& region) { return region.range.overlaps(range); });
}

Result<VirtRange> Regions::gap_below(VirtAddr limit, std::uint64_t size) const {
  if (size == 0 || size > limit - user_start) return Errno::enomem;
  const std::span<const Region> regions = all();
  for (std::size_t i = regions.size();; --i) {
    const VirtAddr floor = i == 0 ? user_start : regions[i - 1].range.end;
    if (floor < limit && limit - floor >= size) return VirtRange{limit - size, limit};
    if (i == 0) return Errno::enomem;
    limit = std::min(limit, regions[i - 1].range.start);
  }
}

// The list with each region's part inside `range` replaced by what `inside` makes of it.
template <class F>
Result<Regions> Regions::edited(Memory& memory, Reserve reserve, VirtRange range, F inside) const {
  FrameRef frame = TRY(new_list(memory, reserve));
  List& list = List::in(frame);
  bool room = true;
  for (const Region& region : all()) {
    room = list.append(part(region, user_start, range.start)) && room;
    room = list.append(inside(part(region, range.start, range.end))) && room;
    room = list.append(part(region, range.end, user_end)) && room;
  }
  if (!room) return Errno::enomem;
  return Regions(std::move(frame));
}

Result<Regions> Regions::without(Memory& memory, Reserve reserve, VirtRange range) const {
  return edited(memory, reserve, range, [](const Region&) { return Region(); });
}

Result<Regions> Regions::with_prot(Memory& memory, Reserve reserve, VirtRange range, Prot prot) const {
  std::uint64_t covered = 0;
  Regions changed = TRY(edited(memory, reserve, range, [&](Region region) {
    if (!region.range.empty()) covered += region.range.size();
    region.prot = prot;
    return region;
  }));
  if (covered != range.size()) return Errno::enomem;
  return changed;
}

Result<Regions> Regions::with(Memory& memory, Reserve reserve, Region added) const {
  FrameRef frame = TRY(new_list(memory, reserve));
  List& list = List::in(frame);
  bool room = true;
  for (const Region& region : all()) {
    if (added.range.start < region.range.start) room = list.append(std::exchange(added, {})) && room;
    room = list.append(region) && room;
  }
  if (!list.append(added) || !room) return Errno::enomem;
  return Regions(std::move(frame));
}

}  // namespace ox
