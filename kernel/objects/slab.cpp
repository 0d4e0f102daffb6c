#include "objects/slab.h"

namespace ox {

void* Slabs::alloc(std::size_t units) {
  Pool& pool = pools_[units];
  const LockGuard guard(pool.lock);
  Page* page = pool.partial.front();
  if (page == nullptr) {
    page = new_page(units);
    if (page == nullptr) return nullptr;
    pool.partial.push_back(*page);
  }
  void* const object = page->free_list;
  page->free_list = *static_cast<void**>(object);
  ++page->used;
  if (page->free_list == nullptr) pool.partial.remove(*page);
  return object;
}

// The first word of a free object points to the next free object.
Slabs::Page* Slabs::new_page(std::size_t units) {
  const Result<Ppn> frame = frames_.alloc(FrameKind::kernel, Content::any);
  if (!frame) return nullptr;
  std::byte* const bytes = to_pointer(*frame);
  Page* const page = new (bytes) Page{*this, units};
  for (std::size_t offset = unit; offset + units * unit <= page_size; offset += units * unit) {
    page->free_list = new (bytes + offset) void*(page->free_list);
  }
  return page;
}

void Slabs::free(void* object) {
  Page* const page = reinterpret_cast<Page*>(page_floor(reinterpret_cast<std::uintptr_t>(object)));
  Slabs& owner = page->owner;
  Pool& pool = owner.pools_[page->units];
  const LockGuard guard(pool.lock);
  if (page->free_list == nullptr) pool.partial.push_back(*page);
  page->free_list = new (object) void*(page->free_list);
  if (--page->used > 0) return;
  pool.partial.remove(*page);
  const Ppn frame(to_phys(page));
  if (owner.frames_.drop(frame)) owner.frames_.free(frame, Content::any);
}

}  // namespace ox
