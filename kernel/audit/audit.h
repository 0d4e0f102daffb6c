// Is all as it must be? With `debug` a part of the design's rules is checked at every trap and all of them now and then
// (vm/checker.h); and when the machine ends, what was there before the first process must be there again.
//
// Locks: none; a recount stops the other harts. Fails: what is wrong is a panic, or a line on the console at the end.
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

  // On the way to user mode.
  void check(Process& self) {
    if (checker_ != nullptr) check_trap(self);
  }
  // The first process is made from here on, and runs from there on.
  void init_is_made();
  void init_starts();
  // The machine powers off: after a last recount, the numbers if `stats` asks for them, and what was lost.
  [[noreturn]] void end(int status);

 private:
  void check_trap(Process& self);
  bool recount();
  void print_stats() const;
  std::uint64_t lost_frames() const;

  Kernel& kernel_;
  Checker* const checker_;
  Atomic<std::uint32_t> traps_{0};
  std::uint64_t frames_before_ = 0;  // that were free
  std::uint64_t instructions_before_ = 0;
};

// What forks and faults have done, each number as `pattern` says of its name and its value.
void write_counters(const Memory& memory, TextSink& to, std::string_view pattern);

}  // namespace ox
