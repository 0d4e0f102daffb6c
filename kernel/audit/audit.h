// The audit: with `debug` it checks some of the rules at every trap, and all of them from time to time (vm/checker.h).
// When the machine ends, it reports the frames that were not given back.
//
// Locks: none; a recount stops the other harts. Fails: a broken rule is a panic; lost frames are a line on the console.
#pragma once

#include <cstdint>
#include <string_view>

#include "arch/atomic.h"
#include "hub/kernel.h"
#include "lib/format.h"

namespace ox {

class Checker;

class Audit {
 public:
  // Without `debug` there is no checker.
  Audit(Kernel& kernel, Checker* checker) : kernel_(kernel), checker_(checker) {}

  // Called on the way to user mode.
  void check(Process& self) {
    if (checker_ != nullptr) check_trap(self);
  }
  // Called before the first process is made, and before it runs: the figures at the end count from there.
  void init_is_made();
  void init_starts();
  // Powers the machine off with `status`, after a last recount, the statistics if `stats` asks for them, and a message
  // if frames were lost.
  [[noreturn]] void end(int status);

 private:
  void check_trap(Process& self);
  bool recount();
  void print_stats() const;
  std::uint64_t lost_frames() const;

  Kernel& kernel_;
  Checker* const checker_;
  Atomic<std::uint32_t> traps_{0};
  std::uint64_t frames_before_ = 0;  // free frames
  std::uint64_t instructions_before_ = 0;
};

// Writes the totals of the counters of forks and faults. `pattern` formats each one from its name and its value.
void write_counters(const Memory& memory, TextSink& to, std::string_view pattern);

}  // namespace ox
