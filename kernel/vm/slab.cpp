#include "vm/slab.h"

#include <algorithm>

namespace ox {

static std::size_t round_up(std::size_t size, std::size_t unit) { return (size + unit - 1) / unit * unit; }

// A free object holds the link to the next one.
SlabPool::SlabPool(Frames& frames, std::size_t object_size, std::size_t alignment)
    : frames_(frames),
      stride_(round_up(std::max(object_size, sizeof(void*)), std::max(alignment, alignof(void*)))),
      first_(round_up(sizeof(Page), std::max(alignment, alignof(void*)))) {}

void* SlabPool::alloc() {
  LockGuard guard(lock_);
  Page* page = partial_.front();
  if (page == nullptr) page = new_page();
  if (page == nullptr) return nullptr;
  void* const object = page->free_list;
  page->free_list = *static_cast<void**>(object);
  ++page->used;
  if (page->free_list == nullptr) partial_.remove(*page);
  return object;
}

SlabPool::Page* SlabPool::new_page() {
  const Result<Ppn> frame = frames_.alloc(FrameKind::kernel, Content::any);
  if (!frame) return nullptr;
  std::byte* const bytes = to_pointer(*frame);
  Page* const page = new (bytes) Page;
  for (std::size_t offset = first_; offset + stride_ <= page_size; offset += stride_) {
    page->free_list = new (bytes + offset) void*(page->free_list);
  }
  partial_.push_back(*page);
  return page;
}

void SlabPool::free(void* object) {
  Page* const page = reinterpret_cast<Page*>(page_floor(reinterpret_cast<std::uintptr_t>(object)));
  LockGuard guard(lock_);
  if (page->free_list == nullptr) partial_.push_back(*page);
  page->free_list = new (object) void*(page->free_list);
  if (--page->used > 0) return;
  partial_.remove(*page);
  const Ppn frame(to_phys(page));
  if (frames_.drop(frame)) frames_.free(frame, Content::any);
}

}  // namespace ox
