#include "states/heap.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "arch/memory.h"

namespace {

alignas(64) std::byte heap[1 << 20];
std::size_t used = 0;
bool inside = false;

void* allocate(std::size_t size, std::size_t alignment) {
  if (!inside) return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  used = (used + alignment - 1) / alignment * alignment;
  std::byte* const start = heap + used;
  used += size;
  if (used > sizeof heap) ox::panic("states: the heap of {} bytes is full", sizeof heap);
  return start;
}

void deallocate(void* object) {
  const auto* const byte = static_cast<std::byte*>(object);
  if (byte < heap || byte >= heap + sizeof heap) std::free(object);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, 16); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* object) noexcept { deallocate(object); }
void operator delete(void* object, std::size_t) noexcept { deallocate(object); }
void operator delete(void* object, std::align_val_t) noexcept { deallocate(object); }
void operator delete(void* object, std::size_t, std::align_val_t) noexcept { deallocate(object); }

namespace ox::states {

HeapGuard::HeapGuard(bool now) : before_(inside) { inside = now; }
HeapGuard::~HeapGuard() { inside = before_; }

void Snapshot::take() {
  heap_.assign(heap, heap + used);
  ram_.assign(sim::arena.bytes, sim::arena.bytes + sim::arena.size);
}

void Snapshot::restore() const {
  used = heap_.size();
  std::memcpy(heap, heap_.data(), used);
  std::memcpy(sim::arena.bytes, ram_.data(), ram_.size());
}

void clear_heap() { used = 0; }

}  // namespace ox::states
