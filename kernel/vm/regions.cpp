#include "vm/regions.h"

#include <algorithm>
#include <array>

namespace ox {

namespace {

// What stands in the frame.
struct Contents {
  std::size_t count = 0;
  union {
    std::array<Region, Regions::capacity> regions;  // the first `count` of them are there
  };

  Contents() {}
  Contents(const Contents&) = delete;
  ~Contents() { std::destroy_n(regions.begin(), count); }
  static Contents& in(const FrameRef& frame) { return *reinterpret_cast<Contents*>(frame.bytes()); }

  // Appends in order of address, merging with the last one where both say the same. False: no room.
  bool append(const Region& region) {
    if (region.range.empty()) return true;
    if (count > 0) {
      Region& last = regions[count - 1];
      if (last.range.end == region.range.start && last.prot == region.prot && last.kind == region.kind &&
          last.source == region.source && (!last.source || last.page_at(last.range.end) == region.first_page)) {
        last.range.end = region.range.end;
        return true;
      }
    }
    if (count == regions.size()) return false;
    std::construct_at(&regions[count++], region);
    return true;
  }
};
static_assert(sizeof(Contents) <= page_size);

Result<FrameRef> new_list(Memory& memory, Reserve reserve) {
  FrameRef list = TRY(FrameRef::make(memory.frames, FrameKind::kernel, reserve));
  new (list.bytes()) Contents;
  return list;
}

}  // namespace

Region Region::within(VirtRange part) const {
  Region inner = *this;
  inner.range = {std::max(range.start, part.start), std::min(range.end, part.end)};
  if (source && inner.range.start > range.start) inner.first_page = page_at(inner.range.start);
  return inner;
}

Regions::~Regions() {
  if (frame_) frame_.drop([&list = Contents::in(frame_)] { list.~Contents(); });
}

Result<Regions> Regions::create(Memory& memory, Reserve reserve) { return Regions(TRY(new_list(memory, reserve))); }

std::span<const Region> Regions::all() const {
  const Contents& list = Contents::in(frame_);
  return std::span(list.regions).first(list.count);
}

[[gnu::optimize("omit-frame-pointer")]] const Region* Regions::find(VirtAddr va) const {
  const Contents& list = Contents::in(frame_);
  // The last one that starts at `va` or below is here, or less than `count` behind it. std::upper_bound takes 9
  // instructions more of a first touch.
  const Region* last = list.regions.data();
  for (std::size_t count = list.count; count > 1;) {
    const std::size_t half = count / 2;
    if (last[half].range.start <= va) last += half;
    count -= half;
  }
  return list.count > 0 && last->range.contains(va) ? last : nullptr;
}

bool Regions::free(VirtRange range) const {
  return std::ranges::none_of(all(), [&](const Region& region) { return region.range.overlaps(range); });
}

bool Regions::cover(VirtRange range) const {
  std::uint64_t covered = 0;
  for (const Region& region : all()) {
    if (region.range.overlaps(range)) covered += region.within(range).range.size();
  }
  return covered == range.size();
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
  Contents& list = Contents::in(frame);
  bool room = true;
  for (const Region& region : all()) {
    room = list.append(region.within({user_start, range.start})) && room;
    room = list.append(inside(region.within(range))) && room;
    room = list.append(region.within({range.end, user_end})) && room;
  }
  if (!room) return Errno::enomem;
  return Regions(std::move(frame));
}

Result<Regions> Regions::without(Memory& memory, Reserve reserve, VirtRange range) const {
  return edited(memory, reserve, range, [](const Region&) { return Region(); });
}

Result<Regions> Regions::with_prot(Memory& memory, Reserve reserve, VirtRange range, Prot prot) const {
  if (!cover(range)) return Errno::enomem;
  for (const Region& region : all()) {
    if (prot.write && region.kind == RegionKind::shared_view && region.range.overlaps(range)) return Errno::eacces;
  }
  return edited(memory, reserve, range, [&](Region region) {
    region.prot = prot;
    return region;
  });
}

Result<Regions> Regions::with(Memory& memory, Reserve reserve, Region added) const {
  FrameRef frame = TRY(new_list(memory, reserve));
  Contents& list = Contents::in(frame);
  bool room = true;
  for (const Region& region : all()) {
    if (added.range.start < region.range.start) room = list.append(std::exchange(added, {})) && room;
    room = list.append(region) && room;
  }
  if (!list.append(added) || !room) return Errno::enomem;
  return Regions(std::move(frame));
}

}  // namespace ox
