// With `debug`: says once for each number that a program made a call that ox does not have, or not in this way.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "arch/atomic.h"
#include "dev/console.h"
#include "hub/options.h"

namespace ox {

class CallLog {
 public:
  CallLog(const Options& options, Console& console) : options_(options), console_(console) {}

  void note(std::uint64_t number, int pid, std::string_view what) {
    if (!options_.debug || number >= noted_.size() * 64) return;
    const std::uint64_t bit = std::uint64_t{1} << number % 64;
    if ((noted_[number / 64].fetch_or(bit) & bit) == 0) {
      console_.log("pid {}: system call {} {}", pid, number, what);
    }
  }

 private:
  const Options& options_;
  Console& console_;
  std::array<Atomic<std::uint64_t>, 8> noted_{};
};

}  // namespace ox
