// What memory should look like, said in another way: trees of shared pointers, whose counts are the frames' counts.
// Frames come from a pool of the same size as the machine's, in the same order of need, so the model foretells which
// operation succeeds, what it copies and how many frames are left, exactly.
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
  std::vector<std::vector<Ref>> files;  // by number, the pages of each
  std::uint64_t file_end = 0;           // all of them end here, in pages

  Ref take();  // a new empty frame, or null
};

// An entry of a table; what the leaf says only at level 0. W is the one bit that processes do not see.
struct Entry {
  Ref node;
  Prot prot{};
  bool writable = false;
  bool shared = false;
};

// What is mapped: zeros, or a file, whose page for an address is the address's own number modulo the file's pages.
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

// The pages that the model touches, and the only edges of ranges: chosen so that ranges end in the middle and at the
// ends of tables of each level. The last one is only an end.
constexpr VirtAddr address(unsigned root, unsigned middle, unsigned leaf) {
  return VirtAddr(root * entry_span(2) + middle * entry_span(1) + leaf * entry_span(0));
}
inline constexpr std::array spots{address(0, 0, 16),   address(0, 0, 17),   address(0, 0, 32),    address(0, 0, 511),
                                  address(0, 1, 0),    address(0, 1, 1),    address(0, 2, 0),     address(0, 16, 5),
                                  address(1, 0, 0),    address(1, 0, 1),    address(1, 511, 511), address(2, 0, 0),
                                  address(17, 3, 100), address(17, 3, 101), address(200, 0, 0)};
inline constexpr unsigned spot_count = spots.size() - 1;

// Spots [first, end).
struct Spots {
  unsigned first;
  unsigned end;

  VirtRange range() const { return {spots[first], spots[end]}; }
};

class Space {
 public:
  // Null: no memory.
  static std::unique_ptr<Space> create(Pool& pool);

  // The faults until the access goes through or kills; empty: it needs none.
  std::optional<FaultOutcome> access(unsigned spot, Access access);
  // The cells of a page that an access just went to.
  std::array<std::uint64_t, 2>& cells(unsigned spot) { return find(spot)->node->cells; }

  std::unique_ptr<Space> fork(ForkMode mode);
  Result<> map(Spots where, Mapping mapping);
  Result<> map_frame(unsigned spot, const Ref& frame);
  Result<> unmap(Spots where);
  Result<> protect(Spots where, Prot prot);
  Result<> discard(Spots where);
  // True: the heap, which starts at `start`, now ends at `end`.
  bool set_heap_end(unsigned start, unsigned& end, unsigned wanted);

  const Ref& root() const { return root_; }
  const Ref& region_list() const { return list_; }
  const std::optional<Mapping>& region(unsigned spot) const { return regions_[spot]; }

 private:
  using Intervals = std::array<std::optional<Mapping>, spot_count>;  // what is mapped from each spot to the next

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
  Ref list_;  // the frame that holds the index of the list of regions, and refers to its block
  Intervals regions_{};
};

}  // namespace ox::model
