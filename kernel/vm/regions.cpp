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
  // What lies in `part` of each.
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

Result<Regions> Regions::create(Memory& memory, Reserve reserve) {
  Regions empty(TRY(FrameRef::make(memory.frames, FrameKind::kernel, reserve)));
  new (empty.frame_.bytes()) Contents;
  return empty;
}

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

// The list with what `middle` appends to it in place of what was in `range`.
template <class F>
Result<Regions> Regions::replaced(Memory& memory, Reserve reserve, VirtRange range, F middle) const {
  Regions changed = TRY(create(memory, reserve));
  Contents& list = Contents::in(changed.frame_);
  const bool room =
      list.append(all(), {user_start, range.start}) && middle(list) && list.append(all(), {range.end, user_end});
  return room ? Result<Regions>(std::move(changed)) : Errno::enomem;
}

Result<Regions> Regions::without(Memory& memory, Reserve reserve, VirtRange range) const {
  return replaced(memory, reserve, range, [](Contents&) { return true; });
}

Result<Regions> Regions::with(Memory& memory, Reserve reserve, const Region& added) const {
  return replaced(memory, reserve, added.range, [&](Contents& list) { return list.append(added); });
}

Result<Regions> Regions::with_prot(Memory& memory, Reserve reserve, VirtRange range, Prot prot) const {
  if (covered(range) != range.size()) return Errno::enomem;
  for (const Region& region : all()) {
    if (prot.write && region.kind == RegionKind::shared_view && region.range.overlaps(range)) return Errno::eacces;
  }
  return replaced(memory, reserve, range, [&](Contents& list) {
    return std::ranges::all_of(all(), [&](const Region& region) {
      Region changed = region.within(range);
      changed.prot = prot;
      return list.append(changed);
    });
  });
}

}  // namespace ox
