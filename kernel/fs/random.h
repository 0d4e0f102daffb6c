// Numbers for AT_RANDOM, getrandom(2) and /dev/urandom: splitmix64 from a fixed seed, so that a teaching machine
// repeats its runs. Not secret.
#pragma once

#include <cstdint>

#include "arch/atomic.h"

namespace ox {

class RandomNumbers {
 public:
  std::uint64_t next() {
    std::uint64_t z = state_.fetch_add(0x9e37'79b9'7f4a'7c15, relaxed) + 0x9e37'79b9'7f4a'7c15;
    z = (z ^ z >> 30) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ z >> 27) * 0x94d0'49bb'1331'11eb;
    return z ^ z >> 31;
  }

 private:
  Atomic<std::uint64_t> state_{0};
};

}  // namespace ox
