// Kernel objects of one size, carved from frames; a frame whose objects are all gone goes back, so that counts of free
// frames are exact.
//
// Owns: its frames. Lock: its own. Fails: when there is no frame.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

#include "lib/list.h"
#include "lib/result.h"
#include "sync/spinlock.h"
#include "vm/frame.h"

namespace ox {

class SlabPool {
 public:
  SlabPool(Frames& frames, std::size_t object_size, std::size_t alignment);

  void* alloc();  // null: no memory
  void free(void* object);

 private:
  struct Page {
    ListHook<Page> hook;
    void* free_list = nullptr;
    unsigned used = 0;
  };

  Page* new_page() REQUIRES(lock_);

  Frames& frames_;
  std::size_t stride_;
  std::size_t first_;  // offset of the first object in a page
  SpinLock lock_{LockRank::slab};
  List<Page, &Page::hook> partial_ GUARDED_BY(lock_);  // pages with a free object
};

template <class T>
class Slab {
 public:
  explicit Slab(Frames& frames) : pool_(frames, sizeof(T), alignof(T)) {}

  template <class... Arguments>
  Result<T*> make(Arguments&&... arguments) {
    void* const place = pool_.alloc();
    if (place == nullptr) return Errno::enomem;
    return new (place) T(std::forward<Arguments>(arguments)...);
  }
  void destroy(T* object) {
    object->~T();
    pool_.free(object);
  }

 private:
  SlabPool pool_;
};

}  // namespace ox
