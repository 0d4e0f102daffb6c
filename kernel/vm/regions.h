// Which addresses a process has mapped, and how: a sorted list of regions, in frames.
//
//     index: one frame ──▶ block: one frame with up to 80 regions
//                      ──▶ block
//                      ──▶ ...            up to 255 blocks
//
// A region is Linux's vm_area_struct. Owns: one reference to the index, which has one to each block; a block has one to
// each file that its regions map. A list never changes: a change makes a new index and new blocks where something is
// different, and shares the other blocks. So a change that fails leaves the old list whole, and fork shares the index
// (Linux copies each region). Invariants: regions are sorted, page-aligned, inside [user_start, user_end), and do not
// overlap; neighbours of the same kind, protection and file are one region. A full block is divided into halves, so
// there is room for 10,000 regions and more. Fails: Errno::enomem, when there is no frame, or no room in the index.
#pragma once

#include "lib/memory_layout.h"
#include "lib/result.h"
#include "sync/ref.h"
#include "vm/memory.h"

namespace ox {

// A file, as its mappings see it; fs/ implements this, and vm/ knows no more. Held by counted references: each region
// that maps the file has one. Called by the hart of the process that maps it, with no lock held; the file takes its own
// lock and never sleeps.
class PageSource : public RefCounted {
 public:
  // One more reference to the frame that holds page `index`, for a page table to map. A source for private mappings
  // never writes to a frame that somebody maps, and never gives one that a shared mapping may write (rule 14).
  // Errno::enomem; any other: there is no such page.
  virtual Result<FrameRef> page(std::uint64_t index) = 0;
  // The file whose pages these are. A file that is mapped shared has a second source.
  virtual PageSource& file() { return *this; }
  // The last reference is gone: the object ends, and its maker gets the memory back.
  virtual void dispose() = 0;
  static void destroy(PageSource* source) { source->dispose(); }

 protected:
  ~PageSource() = default;
};

// shared_view: a shared mapping that can never be written, because the file is not open for writing.
enum class RegionKind : std::uint8_t { image, heap, mapping, shared, shared_view, stack, kernel };

struct Region {
  VirtRange range;
  Prot prot;
  RegionKind kind = RegionKind::mapping;
  std::uint32_t first_page = 0;  // of the source, if there is one, at the start of the range
  Ref<PageSource> source{};      // null: memory of zeros

  bool allows(Access access) const {
    return access == Access::load ? prot.read || prot.write : access == Access::store ? prot.write : prot.execute;
  }
  std::uint32_t page_at(VirtAddr va) const {
    return first_page + static_cast<std::uint32_t>((va - range.start) / page_size);
  }
  bool is_map_shared() const { return kind == RegionKind::shared || kind == RegionKind::shared_view; }
  // The leaf entry for a page of it, without W.
  Pte make_leaf(Ppn frame) const { return Pte::user_leaf(frame, prot).with(is_map_shared() ? Pte::MAP_SHARED : 0); }
  // The part of it that lies in `part`.
  Region within(VirtRange part) const;
};

class Regions {
 public:
  static constexpr std::size_t block_capacity = 80;  // a change copies the regions of a block or two

  static Result<Regions> create(Memory& memory);
  Regions(Regions&&) = default;
  Regions& operator=(Regions&&) = default;
  ~Regions();

  // The first region that ends after `va`; null: none (Linux: find_vma).
  const Region* first_after(VirtAddr va) const;
  const Region* find(VirtAddr va) const;         // null: not mapped
  std::uint64_t covered(VirtRange range) const;  // how many bytes of it are mapped
  // The highest gap of `size` bytes below `limit`.
  Result<VirtRange> gap_below(VirtAddr limit, std::uint64_t size) const;
  // Calls f(region) for each region that has an address in `range`, with an interrupt window after each.
  template <class F>
  void for_each(VirtRange range, F f) const {
    for (const Region* at = first_after(range.start); at != nullptr && at->range.start < range.end;) {
      f(*at);
      interrupt_window();
      at = first_after(at->range.end);
    }
  }
  template <class F>
  void for_each(F f) const {
    for_each({user_start, user_end}, f);
  }

  Ppn index_frame() const { return index_.ppn(); }
  // Calls f(frame) for each block that the index refers to.
  template <class F>
  void for_each_block(F f) const {
    for (const BlockRef& block : blocks()) f(Ppn(block.frame));
  }
  Regions share() const { return Regions(index_.share()); }
  // A list with one change: `range` is removed; a region is added where nothing is mapped; `range` gets another
  // protection (Errno::enomem, as on Linux, if a page of it is not mapped; eacces if it may never be written).
  Result<Regions> without(Memory& memory, VirtRange range) const;
  Result<Regions> with(Memory& memory, const Region& added) const;
  Result<Regions> with_prot(Memory& memory, VirtRange range, Prot prot) const;

 private:
  struct Block;
  // A block as the index knows it, in page numbers.
  struct BlockRef {
    std::uint32_t frame;
    std::uint32_t start;  // of its first region
    std::uint32_t end;    // of its last one
    std::uint32_t gap;    // the largest between two of its regions
  };
  struct Index;
  class Builder;

  explicit Regions(FrameRef index) : index_(std::move(index)) {}
  std::span<const BlockRef> blocks() const;
  template <class F>
  Result<Regions> replaced(Memory& memory, VirtRange range, F middle) const;

  FrameRef index_;
};

}  // namespace ox
