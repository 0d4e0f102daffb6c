// Kernel objects, carved from frames by size. A frame is freed with its last object, so that counts of free frames are
// exact.
//
// Owns: its frames. Locks: one for each size. Fails: Errno::enomem if a new frame is needed and none is free.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

#include "lib/list.h"
#include "lib/result.h"
#include "sync/spinlock.h"
#include "vm/frame.h"

namespace ox {

class Slabs {
 public:
  explicit constexpr Slabs(Frames& frames) : frames_(frames) {}

  template <class T, class... Arguments>
  Result<T*> make(Arguments&&... arguments) {
    static_assert(sizeof(T) <= page_size - unit && alignof(T) <= unit);
    void* const place = alloc((sizeof(T) + unit - 1) / unit);
    if (place == nullptr) return Errno::enomem;
    return new (place) T(std::forward<Arguments>(arguments)...);
  }
  template <class T>
  static void destroy(T* object) {
    object->~T();
    free(object);
  }
  // Frees the memory of an object whose destructor has run already.
  static void free(void* object);

 private:
  static constexpr std::size_t unit = 64;  // sizes are multiples of it; the first unit of a page holds its Page

  struct Page {
    Slabs& owner;
    std::size_t units;  // of each object
    ListHook<Page> hook{};
    void* free_list = nullptr;
    unsigned used = 0;
  };
  struct Pool {
    SpinLock lock{LockRank::slab};
    List<Page, &Page::hook> partial GUARDED_BY(lock);  // pages with a free object
  };

  void* alloc(std::size_t units);  // null: no memory
  Page* new_page(std::size_t units);

  Frames& frames_;
  Pool pools_[page_size / unit];  // indexed by units; not a std::array, to save its bounds checks
};

}  // namespace ox
