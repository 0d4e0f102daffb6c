// A model of memory: trees of shared pointers, whose counts stand for the frames' counts. Frames come from a pool that
// is as large as the machine's memory and are taken in the same order. So the model predicts exactly which operation
// succeeds, what it copies, and how many frames remain free.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "lib/result.h"
#include "vm/event.h"
#include "vm/page_table.h"

namespace ox::model {

struct Node;
using Ref = std::shared_ptr<Node>;

struct Pool {
  std::size_t free = 0;
  std::uint64_t tables_copied = 0;
  std::uint64_t pages_copied = 0;
  Ref zero;
  std::vector<std::vector<Ref>> files;  // the pages of each file, by its number
  std::uint64_t file_end = 0;           // the end of all files, in pages

  Ref take();  // a new empty frame; null: none is free
};

// An entry of a table. Its permissions count at level 0 only. Only W is invisible to processes.
struct Entry {
  Ref node;
  Prot prot{};
  bool writable = false;
  bool shared = false;
};

// A mapped range: zeros, or a file. The page of an address is the address's page number modulo the number of the file's
// pages.
struct Mapping {
  Prot prot{};
  std::optional<std::size_t> file{};
  bool shared = false;
};

// A frame: a table, a page of two cells, or a list of regions.
struct Node {
  explicit Node(Pool& from) : pool(from) { --pool.free; }
  ~Node() { ++pool.free; }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Pool& pool;
  std::map<unsigned, Entry> entries;
  std::array<std::uint64_t, 2> cells{};
};

// The pages that the model accesses. Ranges start and end only here. The addresses are chosen so that ranges end both
// inside tables of each level and at their ends. The last address is only an end.
constexpr VirtAddr address(unsigned root, unsigned middle, unsigned leaf) {
  return VirtAddr(root * entry_span(2) + middle * entry_span(1) + leaf * entry_span(0));
}
inline constexpr std::array spots{address(0, 0, 16),   address(0, 0, 17),   address(0, 0, 32),    address(0, 0, 511),
                                  address(0, 1, 0),    address(0, 1, 1),    address(0, 2, 0),     address(0, 16, 5),
                                  address(1, 0, 0),    address(1, 0, 1),    address(1, 511, 511), address(2, 0, 0),
                                  address(17, 3, 100), address(17, 3, 101), address(200, 0, 0)};
inline constexpr unsigned spot_count = spots.size() - 1;

// The spots [first, end).
struct Spots {
  unsigned first;
  unsigned end;

  VirtRange range() const { return {spots[first], spots[end]}; }
};

class Space {
 public:
  // Null: no memory.
  static std::unique_ptr<Space> create(Pool& pool);

  // The outcomes of the faults until the access succeeds or kills the process; empty: no fault.
  std::optional<FaultOutcome> access(unsigned spot, Access access);
  // The cells of a page that has just been accessed.
  std::array<std::uint64_t, 2>& cells(unsigned spot) { return find(spot)->node->cells; }

  std::unique_ptr<Space> fork(ForkMode mode);
  Result<> map(Spots where, Mapping mapping);
  Result<> map_frame(unsigned spot, const Ref& frame);
  Result<> unmap(Spots where);
  Result<> protect(Spots where, Prot prot);
  Result<> discard(Spots where);
  // Moves the end of the heap, which starts at `start`, to `wanted`, and updates `end`. False: that failed.
  bool set_heap_end(unsigned start, unsigned& end, unsigned wanted);

  const Ref& root() const { return root_; }
  const Ref& region_list() const { return list_; }
  const std::optional<Mapping>& region(unsigned spot) const { return regions_[spot]; }

 private:
  using Intervals = std::array<std::optional<Mapping>, spot_count>;  // the mapping between each spot and the next

  Space(Pool& pool, Ref root, Ref list) : pool_(pool), root_(std::move(root)), list_(std::move(list)) {}

  Entry* find(unsigned spot);
  Node* own_below(Node& table, int level, unsigned index, std::vector<Ref>& dropped);
  Node* own(VirtAddr va, std::vector<Ref>& dropped);
  bool own_edge(VirtAddr va, VirtRange range);
  FaultOutcome first_touch(unsigned spot, Access access);
  FaultOutcome write_fault(VirtAddr va, Entry leaf);
  bool covered(Spots where) const;
  Ref new_list(bool regions);

  Pool& pool_;
  Ref root_;
  Ref list_;  // the frame of the region list's index, which refers to its block
  Intervals regions_{};
};

}  // namespace ox::model
