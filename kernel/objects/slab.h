// Kernel objects, carved from frames by size; a frame whose objects are all gone goes back, so that counts of free
// frames are exact.
//
// Owns: its frames. Locks: one for each size. Fails: when there is no frame.
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
  // The room of an object, destroyed already.
  static void free(void* object);

 private:
  static constexpr std::size_t unit = 64;  // sizes are multiples of it; the first one of a page is the page's own

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
  Pool pools_[page_size / unit];  // by units; no std::array: its bounds checks
};

}  // namespace ox
