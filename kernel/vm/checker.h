// The rules (README.md), checked in a running machine (`debug` on the command line) and after host tests.
//
// path() checks one process's path to an address. A recount checks everything: begin(), add() for each address space,
// finish(); nothing else may run meanwhile. A broken rule is a panic that names the rule and the place.
#pragma once

#include "vm/space.h"

namespace ox {

class Checker {
 public:
  // `seen` has one number for each frame's record, and outlives this.
  Checker(Memory& memory, std::span<std::uint32_t> seen) : memory_(memory), seen_(seen) {}

  void path(const AddressSpace& space, VirtAddr va);

  void begin();
  void add(const AddressSpace& space);
  void finish();

 private:
  // An entry's place; at first that of the root.
  struct Place {
    const AddressSpace* space = nullptr;  // null: the kernel's own mappings
    VirtAddr va{};
    Ppn table{};
    unsigned index = 0;
    int level = root_level;
    Pte entry{};
    bool owned = true;  // the table
  };

  void visit(Ppn node, Place place);
  void check_kernel(Ppn table, int level, VirtAddr base);
  void check_entry(const Place& place);
  void check_leaf(const Place& place);
  // Panics if the rule does not hold for the entry.
  void require(bool holds, const Place& place, unsigned rule, const char* broken_by,
               std::source_location line = std::source_location::current());
  std::uint32_t& seen(Ppn frame) { return seen_[frame.value() - memory_.frames.first().value()]; }

  Memory& memory_;
  std::span<std::uint32_t> seen_;
};

}  // namespace ox
