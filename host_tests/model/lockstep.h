// Does random operations on real processes and on their models, in lockstep. Each operation must have the result that
// the model predicts. Afterwards both trees must be equal: entries, counts, permissions, bytes, and the number of free
// frames.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include "model/tree.h"
#include "sim/process.h"
#include "sim/replay.h"

namespace ox::model {

class Lockstep {
 public:
  Lockstep(std::uint64_t seed, std::size_t pool, sim::Hardware hardware, unsigned harts);
  ~Lockstep();

  void step();
  // How often each event occurred that a run must contain.
  struct Tally {
    unsigned forks = 0, failed_forks = 0, kills = 0, failed_changes = 0;
  };
  const Tally& tally() const { return tally_; }
  // The events that led to the current state.
  std::string story() const { return replay_.story(); }

 private:
  struct Pair {
    std::unique_ptr<sim::Process> real;
    std::unique_ptr<Space> model;
    unsigned heap_end;
  };
  static constexpr unsigned heap_start = 8;  // a spot
  static constexpr std::size_t most = 8;

  std::uint64_t random(std::uint64_t below) { return engine_() % below; }
  Spots random_spots();
  Prot random_prot();
  void start_process();
  void exit(std::size_t number);
  void user_access(std::size_t number, Access access);
  void kernel_access(std::size_t number, Access access);
  void fork(Pair& pair);
  void change(Pair& pair);
  void map_file(Pair& pair, Spots where, Prot prot);
  void move_heap_end(Pair& pair);
  void expect_same(const Result<>& real, const Result<>& model, const char* what);
  void compare();
  void compare_tables(Ppn real, const Ref& model, int level);
  void compare_leaf(Pte real, const Entry& model);

  std::mt19937_64 engine_;
  sim::Machine machine_;
  Pool pool_;
  std::vector<ox::Ref<sim::File>> files_;  // as in the pool; the last one is mapped shared only
  std::vector<Pair> pairs_;
  std::map<Ppn, Node*> matched_;
  sim::Replay replay_;  // only for every second seed, so that runs without events are tested too
  Tally tally_;
};

}  // namespace ox::model
