#include "vm/regions.h"

#include <algorithm>

namespace ox {

namespace {

std::uint32_t page_number(VirtAddr va) { return static_cast<std::uint32_t>(va.value() / page_size); }
VirtAddr page_address(std::uint32_t number) { return VirtAddr(number * page_size); }

VirtAddr start_of(const Region& region) { return region.range.start; }
VirtAddr end_of(const Region& region) { return region.range.end; }

}  // namespace

Region Region::within(VirtRange part) const {
  Region inner = *this;
  inner.range = range.common(part);
  inner.first_page = page_at(inner.range.start);
  return inner;
}

// --- the two kinds of frame

struct Regions::Block {
  std::size_t count = 0;
  union {
    std::array<Region, block_capacity> regions;  // the first `count` of them exist
  };

  Block() {}
  Block(const Block&) = delete;
  ~Block() { std::destroy_n(regions.begin(), count); }
  static Block& of(const BlockRef& block) { return *reinterpret_cast<Block*>(to_pointer(Ppn(block.frame))); }
  static std::span<const Region> all(const BlockRef& block) { return {of(block).regions.data(), of(block).count}; }
};

struct Regions::Index {
  Frames* frames;
  std::size_t count = 0;
  std::array<BlockRef, 255> blocks;  // the first `count` of them exist

  explicit Index(Frames& memory) : frames(&memory) {}
  static Index& of(const FrameRef& frame) { return *reinterpret_cast<Index*>(frame.bytes()); }
  std::span<const BlockRef> all() const { return {blocks.data(), count}; }

  void drop_blocks() {
    for (const BlockRef& block : all()) {
      if (!frames->drop(Ppn(block.frame))) continue;
      Block::of(block).~Block();
      frames->free(Ppn(block.frame), Content::any);
      interrupt_window();
    }
  }
};

std::span<const Regions::BlockRef> Regions::blocks() const {
  static_assert(sizeof(Block) <= page_size && sizeof(Index) <= page_size);
  return Index::of(index_).all();
}

Result<Regions> Regions::create(Memory& memory) {
  Regions empty(TRY(FrameRef::make(memory.frames, FrameKind::kernel)));
  new (empty.index_.bytes()) Index(memory.frames);
  return empty;
}

Regions::~Regions() {
  if (index_) index_.drop([&index = Index::of(index_)] { index.drop_blocks(); });
}

// --- looking

const Region* Regions::first_after(VirtAddr va) const {
  const auto list = Index::of(index_).all();
  const auto block = std::ranges::upper_bound(list, page_number(va), {}, &BlockRef::end);
  if (block == list.end()) return nullptr;
  return &*std::ranges::upper_bound(Block::all(*block), va, {}, end_of);
}

const Region* Regions::find(VirtAddr va) const {
  const Region* const region = first_after(va);
  return region != nullptr && region->range.contains(va) ? region : nullptr;
}

std::uint64_t Regions::covered(VirtRange range) const {
  std::uint64_t sum = 0;
  for_each(range, [&](const Region& region) { sum += region.range.common(range).size(); });
  return sum;
}

Result<VirtRange> Regions::gap_below(VirtAddr limit, std::uint64_t size) const {
  if (size == 0 || size > limit - user_start) return Errno::enomem;
  const auto fits_above = [&](VirtAddr floor) { return floor + size <= limit; };
  const auto list = Index::of(index_).all();
  for (auto block = list.rbegin(); block != list.rend(); ++block) {
    if (fits_above(page_address(block->end))) return VirtRange{limit - size, limit};
    const auto regions = block->gap * page_size < size ? std::span<const Region>() : Block::all(*block);
    for (auto region = regions.rbegin(); region != regions.rend(); ++region) {
      if (fits_above(region->range.end)) return VirtRange{limit - size, limit};
      limit = std::min(limit, region->range.start);
    }
    limit = std::min(limit, page_address(block->start));
  }
  if (fits_above(user_start)) return VirtRange{limit - size, limit};
  return Errno::enomem;
}

// --- changing

// Fills the index of a new list, in order of address. Each function answers false if there is no memory, or no room.
class Regions::Builder {
 public:
  // A new block gets up to `fill` regions.
  Builder(Index& index, std::size_t fill) : index_(index), fill_(fill) {}

  bool share(std::span<const BlockRef> blocks) {
    if (blocks.size() > index_.blocks.size() - index_.count) return false;
    for (const BlockRef& block : blocks) {
      index_.frames->share(Ppn(block.frame));
      index_.blocks[index_.count++] = block;
    }
    return true;
  }

  // Merges the region with the last one if they are neighbours alike.
  bool append(const Region& region) { return (newest_ != nullptr && merge(region)) || copy({&region, 1}); }

  // Appends what the blocks have below `end`. Only the last region of a block can be cut there.
  bool append_below(std::span<const BlockRef> blocks, VirtAddr end) {
    return std::ranges::all_of(blocks, [&](const BlockRef& block) {
      interrupt_window();
      const auto all = Block::all(block);
      const std::span<const Region> below(all.begin(), std::ranges::lower_bound(all, end, {}, start_of));
      return below.empty() || (copy(below.first(below.size() - 1)) && append(below.back().within({user_start, end})));
    });
  }

  // Appends what they have from `start` on. Only the first region of a block can be cut there, or merge with the last
  // one: neighbours in a list are not alike.
  bool append_above(std::span<const BlockRef> blocks, VirtAddr start) {
    return std::ranges::all_of(blocks, [&](const BlockRef& block) {
      interrupt_window();
      const auto all = Block::all(block);
      const std::span<const Region> above(std::ranges::upper_bound(all, start, {}, end_of), all.end());
      return above.empty() || (append(above.front().within({start, user_end})) && copy(above.subspan(1)));
    });
  }

 private:
  bool merge(const Region& region) {
    Region& last = newest_->regions[newest_->count - 1];
    if (last.range.end != region.range.start || last.prot != region.prot || last.kind != region.kind ||
        last.source != region.source || (last.source && last.page_at(last.range.end) != region.first_page)) {
      return false;
    }
    last.range.end = region.range.end;
    index_.blocks[index_.count - 1].end = page_number(region.range.end);
    return true;
  }

  // Appends regions as they are. Most of the cost of a change is in its inner loop.
  bool copy(std::span<const Region> regions) {
    while (!regions.empty()) {
      if ((newest_ == nullptr || newest_->count == fill_) && !begin_block(regions.front().range.start)) return false;
      const auto some = regions.first(std::min(regions.size(), fill_ - newest_->count));
      BlockRef& block = index_.blocks[index_.count - 1];
      VirtAddr end = page_address(block.end);
      std::uint64_t gap = block.gap * page_size;
      Region* to = newest_->regions.data() + newest_->count;
      for (const Region& region : some) {
        gap = std::max(gap, region.range.start - end);
        end = region.range.end;
        std::construct_at(to++, region);
      }
      block.gap = static_cast<std::uint32_t>(gap / page_size);
      block.end = page_number(end);
      newest_->count += some.size();
      regions = regions.subspan(some.size());
    }
    return true;
  }

  bool begin_block(VirtAddr start) {
    interrupt_window();
    if (index_.count == index_.blocks.size()) return false;
    const Ppn frame = index_.frames->take(FrameKind::kernel, Content::any);
    if (frame == Ppn()) return false;
    newest_ = new (to_pointer(frame)) Block;
    const auto number = static_cast<std::uint32_t>(frame.value());
    index_.blocks[index_.count++] = {.frame = number, .start = page_number(start), .end = page_number(start), .gap = 0};
    return true;
  }

  Index& index_;
  std::size_t fill_;
  Block* newest_ = nullptr;
};

// A list in which the regions that middle(builder) appends replace what was in `range`. Written anew are the blocks
// that the range overlaps or touches, with neighbours as long as these are less than half a block.
template <class F>
Result<Regions> Regions::replaced(Memory& memory, VirtRange range, F middle) const {
  const auto all = Index::of(index_).all();
  auto first = std::ranges::lower_bound(all, page_number(range.start), {}, &BlockRef::end);
  auto last = std::ranges::upper_bound(all, page_number(range.end), {}, &BlockRef::start);
  std::size_t most = 2;  // what a change can add: a region is divided into three
  for (auto block = first; block < last; ++block) most += Block::of(*block).count;
  while (most < block_capacity / 2 && (first != all.begin() || last != all.end())) {
    const BlockRef& neighbour = first != all.begin() ? *--first : *last++;
    most += Block::of(neighbour).count;
  }
  const std::size_t new_blocks = (most + block_capacity - 1) / block_capacity;
  const std::span<const BlockRef> anew(first, last);

  Regions changed = TRY(create(memory));
  Builder builder(Index::of(changed.index_), (most + new_blocks - 1) / new_blocks);
  const bool done = builder.share({all.begin(), first}) && builder.append_below(anew, range.start) && middle(builder) &&
                    builder.append_above(anew, range.end) && builder.share({last, all.end()});
  return done ? Result<Regions>(std::move(changed)) : Errno::enomem;
}

Result<Regions> Regions::without(Memory& memory, VirtRange range) const {
  return replaced(memory, range, [](Builder&) { return true; });
}

Result<Regions> Regions::with(Memory& memory, const Region& added) const {
  return replaced(memory, added.range, [&](Builder& list) { return list.append(added); });
}

Result<Regions> Regions::with_prot(Memory& memory, VirtRange range, Prot prot) const {
  bool refused = false;
  std::uint64_t size = 0;
  Result<Regions> list = replaced(memory, range, [&](Builder& builder) {
    bool room = true;
    for_each(range, [&](const Region& region) {
      Region changed = region.within(range);
      changed.prot = prot;
      room = room && builder.append(changed);
      size += changed.range.size();
      refused |= prot.write && region.kind == RegionKind::shared_view;
    });
    return room;
  });
  if (size != range.size()) return Errno::enomem;
  if (refused) return Errno::eacces;
  return list;
}

}  // namespace ox
