// What the mapping of a file asks of the file; fs/ implements it, vm/ knows no more.
//
// Held by counted references: each region that maps it has one. Asked by the hart of the process that maps it, which
// holds no lock; an answer takes the file's own lock and never sleeps.
#pragma once

#include <cstdint>

#include "lib/result.h"
#include "sync/ref.h"
#include "vm/slab.h"

namespace ox {

class PageSource : public RefCounted {
 public:
  // One more reference to the frame that holds page `index`, for a page table to map. A source for private mappings
  // never writes to a frame that somebody maps, and never gives one that a shared mapping may write (rule 14).
  // Errno::enomem; any other: there is no such page.
  virtual Result<FrameRef> page(std::uint64_t index) = 0;

  // The file whose pages these are: of a file that is mapped shared that is another source.
  virtual PageSource& file() { return *this; }

  // The last reference is gone. What is made in another way than by Memory::slabs has an operator of its own.
  static void destroy(PageSource* source) { delete source; }
  static void operator delete(void* source) { Slabs::free(source); }
  virtual ~PageSource() = default;
};

}  // namespace ox
