// A heap whose contents can be put back as they were. A world (world.h) lives in it with all that belongs to it: the
// simulated machine, frame records, processes, cached translations. So the kernel's code runs unchanged, and a whole
// machine is copied like a value.
//
// `new` takes from it inside of a HeapGuard only, and `delete` gives nothing back: restore() forgets what is newer.
#pragma once

#include <cstddef>
#include <vector>

namespace ox::states {

class HeapGuard {
 public:
  explicit HeapGuard(bool inside = true);
  ~HeapGuard();
  HeapGuard(const HeapGuard&) = delete;
  HeapGuard& operator=(const HeapGuard&) = delete;

 private:
  bool before_;
};

// The heap and the machine's RAM at one moment.
class Snapshot {
 public:
  void take();
  void restore() const;

 private:
  std::vector<std::byte> heap_;
  std::vector<std::byte> ram_;
};

// Forgets everything in the heap.
void clear_heap();

}  // namespace ox::states
