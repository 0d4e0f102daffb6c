#include "vm/regions.h"

#include <algorithm>

namespace ox {

namespace {

// The frame's contents.
struct Contents {
  std::size_t count = 0;
  union {
    std::array<Region, Regions::capacity> regions;  // the first `count` of them exist
  };

  Contents() {}
  Contents(const Contents&) = delete;
  ~Contents() { std::destroy_n(regions.begin(), count); }
  static Contents& in(const FrameRef& frame) { return *reinterpret_cast<Contents*>(frame.bytes()); }

  // Appends a region, in order of address; merges it with the last one if they are neighbours alike. False: no room.
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
  // Appends the part of each region that lies in `part`.
  bool append(std::span<const Region> more, VirtRange part) {
    return std::ranges::all_of(more, [&](const Region& region) {
      if (part.covers(region.range)) return append(region);
      return !region.range.overlaps(part) || append(region.within(part));
    });
  }
};
static_assert(sizeof(Contents) <= page_size);

}  // namespace

Region Region::within(VirtRange part) const {
  Region inner = *this;
  inner.range = range.common(part);
  if (source && inner.range.start > range.start) inner.first_page = page_at(inner.range.start);
  return inner;
}

Regions::~Regions() {
  if (frame_) frame_.drop([&list = Contents::in(frame_)] { list.~Contents(); });
}

Result<Regions> Regions::create(Memory& memory) {
  Regions empty(TRY(FrameRef::make(memory.frames, FrameKind::kernel)));
  new (empty.frame_.bytes()) Contents;
  return empty;
}

std::span<const Region> Regions::all() const {
  const Contents& list = Contents::in(frame_);
  return std::span(list.regions).first(list.count);
}

const Region* Regions::find(VirtAddr va) const {
  const std::span<const Region> regions = all();
  const auto start = [](const Region& region) { return region.range.start; };
  const auto after = std::ranges::upper_bound(regions, va, {}, start);
  return after != regions.begin() && (after - 1)->range.contains(va) ? &*(after - 1) : nullptr;
}

std::uint64_t Regions::covered(VirtRange range) const {
  std::uint64_t sum = 0;
  for (const Region& region : all()) {
    if (region.range.overlaps(range)) sum += region.range.common(range).size();
  }
  return sum;
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

// A list in which the regions that middle(list) appends replace what was in `range`.
template <class F>
Result<Regions> Regions::replaced(Memory& memory, VirtRange range, F middle) const {
  Regions changed = TRY(create(memory));
  Contents& list = Contents::in(changed.frame_);
  const bool room =
      list.append(all(), {user_start, range.start}) && middle(list) && list.append(all(), {range.end, user_end});
  return room ? Result<Regions>(std::move(changed)) : Errno::enomem;
}

Result<Regions> Regions::without(Memory& memory, VirtRange range) const {
  return replaced(memory, range, [](Contents&) { return true; });
}

Result<Regions> Regions::with(Memory& memory, const Region& added) const {
  return replaced(memory, added.range, [&](Contents& list) { return list.append(added); });
}

Result<Regions> Regions::with_prot(Memory& memory, VirtRange range, Prot prot) const {
  if (covered(range) != range.size()) return Errno::enomem;
  for (const Region& region : all()) {
    if (prot.write && region.kind == RegionKind::shared_view && region.range.overlaps(range)) return Errno::eacces;
  }
  return replaced(memory, range, [&](Contents& list) {
    return std::ranges::all_of(all(), [&](const Region& region) {
      Region changed = region.within(range);
      changed.prot = prot;
      return list.append(changed);
    });
  });
}

}  // namespace ox
