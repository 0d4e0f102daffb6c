// Checks rules 1 to 6 and 13 for all that lives in a machine, by reading the tables directly. It was written from the
// rules (kernel/vm/README.md), not from kernel/vm/checker.cpp, so each of the two can find a mistake in the other.
//
// It also remembers the last audit: a table or page that several processes share must not have changed since then. And
// no hart may cache an entry that memory no longer has (rule 6).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "lib/format.h"
#include "sim/mmu.h"
#include "vm/space.h"

namespace ox::sim {

class Auditor {
 public:
  struct Scene {
    Memory& memory;
    std::vector<const AddressSpace*> spaces;
    std::vector<Ppn> handles;                 // the frames to which the kernel has a reference, one for each reference
    std::vector<std::pair<Mmu*, Ppn>> harts;  // each with the root that it should use
  };

  // The broken rules, one on each line.
  std::vector<std::string> check(const Scene& scene);
  // The frame is free now, so what it holds next may differ.
  void forget(Ppn frame) { shared_.erase(frame.value()); }

 private:
  struct Place {
    const AddressSpace* space;
    std::uint64_t va;
    std::uint64_t table;
    int level;
    bool owned;
  };

  bool visit(std::uint64_t node, Place place);
  bool check_leaf(std::uint64_t entry, const Place& place);
  void check_masks(std::uint64_t table, std::uint32_t used, std::uint32_t hot, const Place& place);
  void check_counts();
  void check_unchanged();
  void check_cached(Mmu& mmu, Ppn root);
  void complain(std::string_view pattern, std::initializer_list<FormatArgument> arguments);

  const Scene* scene_ = nullptr;
  std::map<std::uint64_t, std::uint32_t> references_;  // frame -> number of references
  std::set<std::uint64_t> walked_;                     // tables whose entries have been counted
  std::map<std::uint64_t, std::uint64_t> shared_;      // shared frames at the last audit, with a hash of their bytes
  std::map<std::uint64_t, std::uint64_t> now_shared_;
  std::vector<std::string> broken_;
};

}  // namespace ox::sim
