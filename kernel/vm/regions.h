// Which addresses a process has mapped, and how: a sorted array of regions in one frame.
//
// A region is Linux's vm_area_struct. Owns: one reference to that frame; the list in it has a reference to each file
// that is mapped. A list never changes: each change makes a new one. So a change that fails leaves the old list whole,
// and fork shares the frame (Linux copies each region). Invariants: regions are sorted, page-aligned, inside
// [user_start, user_end), and do not overlap; neighbours of the same kind, protection and file are one region. Fails:
// Errno::enomem, when there is no frame, or no room for another region in it.
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
  std::uint32_t first_page = 0;  // of the source, at the start of the range
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
  // The part of it that lies in `part`; may be empty.
  Region within(VirtRange part) const;
};

class Regions {
 public:
  static constexpr std::size_t capacity = 100;

  static Result<Regions> create(Memory& memory);
  Regions(Regions&&) = default;
  Regions& operator=(Regions&&) = default;
  ~Regions();

  std::span<const Region> all() const;
  Ppn frame() const { return frame_.ppn(); }
  const Region* find(VirtAddr va) const;         // null: not mapped
  std::uint64_t covered(VirtRange range) const;  // how many bytes of it are mapped
  // The highest gap of `size` bytes below `limit`.
  Result<VirtRange> gap_below(VirtAddr limit, std::uint64_t size) const;

  Regions share() const { return Regions(frame_.share()); }
  // A list with one change: `range` is removed; a region is added where nothing is mapped; `range` gets another
  // protection (Errno::enomem, as on Linux, if a page of it is not mapped; eacces if it may never be written).
  Result<Regions> without(Memory& memory, VirtRange range) const;
  Result<Regions> with(Memory& memory, const Region& added) const;
  Result<Regions> with_prot(Memory& memory, VirtRange range, Prot prot) const;

 private:
  template <class F>
  Result<Regions> replaced(Memory& memory, VirtRange range, F middle) const;
  explicit Regions(FrameRef frame) : frame_(std::move(frame)) {}

  FrameRef frame_;
};

}  // namespace ox
