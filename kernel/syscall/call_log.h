// With `debug`: logs, once for each number, that a program made a system call that ox does not implement, or whose
// arguments it refused.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "arch/atomic.h"

namespace ox {

class Console;
struct Options;

class CallLog {
 public:
  CallLog(const Options& options, Console& console) : options_(options), console_(console) {}

  void note(std::uint64_t number, int pid, std::string_view what);

 private:
  const Options& options_;
  Console& console_;
  std::array<Atomic<std::uint64_t>, 8> noted_{};
};

}  // namespace ox
