// A small world: a few processes, each on a hart of its own, a few pages and frames, and the operations on them. The
// operations are the real ones of kernel/vm, on the simulated machine (sim/process.h). The world knows what each page
// of each process must hold, and panics if an operation has another result or leaves something else in memory.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "sim/process.h"

namespace ox::states {

// Whether this is `make check-states`, which takes minutes. Otherwise tests choose what takes seconds.
bool whole_run();

enum class Verb : std::uint8_t { load, store, unmap, protect, discard, fork, exit };

constexpr std::uint8_t plenty = 255;

struct Operation {
  Verb verb;
  unsigned process = 0;
  unsigned first = 0;  // pages [first, end)
  unsigned end = 0;
  ForkMode mode{};
  Prot prot{};
  std::uint8_t left = plenty;  // the number of free frames when it begins
};
std::string text(const Operation& operation);

struct Shape {
  std::string name;
  std::size_t processes;        // at most 4
  std::vector<VirtAddr> pages;  // at most 4, all in one region of the first process, but for
  bool last_is_shared = false;  // the last one, if it is a page of a file that is mapped shared
  std::vector<Verb> verbs{};
  std::vector<Prot> prots{};  // for `protect`
  std::size_t frames = 20;
  sim::Hardware hardware{.svade = false, .cache_invalid = true, .speculates = true};
};
inline void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

class World {
 public:
  explicit World(const Shape& shape);

  // Everything that can be done.
  std::vector<Operation> operations() const;
  // False: memory ran out.
  bool perform(const Operation& operation);
  // From now on only these two harts have free frames on their lists.
  void deal_frames(std::size_t hart_0, std::size_t hart_1);
  std::size_t free_frames() { return machine_.free_frames(); }
  // Each hart translates through its process's tree.
  void place_harts();
  // Each hart caches each translation that it can, so that a missing fence shows.
  void fill_tlbs();
  // Checks all rules, and what each process sees.
  void audit();
  // A number for what is in memory: regions, tables, entries, counts, kinds, group bits (portrait.h).
  std::uint64_t portrait();
  // Names an atomic word in a report.
  std::string name(const void* word);

 private:
  struct Page {
    bool mapped = false;
    Prot prot{};
    std::uint64_t value = 0;
  };
  struct Life {
    std::unique_ptr<sim::Process> process;
    std::array<Page, 4> pages;
  };

  void add_ranges(std::vector<Operation>& all, Operation operation) const;
  VirtRange range(const Operation& operation) const;
  bool owns(const Life& life, VirtAddr va) const;
  bool access(Life& life, const Operation& operation);
  bool fork(Life& life, ForkMode mode);
  bool change(Life& life, const Operation& operation);
  std::uint64_t& value(Life& life, std::size_t page);
  void audit_page(Life& life, std::size_t page);

  const Shape& shape_;
  sim::Machine machine_;
  std::array<Life, 4> lives_;
  std::uint64_t shared_value_ = 0;  // of the last page, if it is shared
  std::uint64_t last_value_ = 0;
};

}  // namespace ox::states
