// /dev/null, /dev/zero, /dev/full and /dev/urandom: one object each, which lives as long as the machine.
#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "arch/atomic.h"
#include "fs/file_system.h"

namespace ox {

// /dev/null: a write discards everything, a read is always at the end of the file.
class NullDevice : public Device {
 public:
  explicit NullDevice(FileSystem& file_system, std::uint64_t minor = 3)
      : Device(file_system, 0666, abi::device_number(1, minor)) {}
  Result<std::uint64_t> read(UserBytes&, std::uint64_t) override { return 0; }
  Result<std::uint64_t> write(UserBytes& from, std::uint64_t&, bool) override { return from.left(); }
};

class ZeroDevice : public NullDevice {
 public:
  explicit ZeroDevice(FileSystem& file_system, std::uint64_t minor = 5) : NullDevice(file_system, minor) {}
  Result<std::uint64_t> read(UserBytes& to, std::uint64_t) override {
    return in_pieces(to, page_size, [&](std::uint64_t piece) -> Result<std::uint64_t> {
      TRY(to.copy_out({file_system_.memory.zero.bytes(), piece}));
      return piece;
    });
  }
};

// /dev/full: every write fails, for testing how a program handles a full disk.
class FullDevice final : public ZeroDevice {
 public:
  explicit FullDevice(FileSystem& file_system) : ZeroDevice(file_system, 7) {}
  Result<std::uint64_t> write(UserBytes&, std::uint64_t&, bool) override { return Errno::enospc; }
};

// /dev/urandom, which also serves AT_RANDOM and getrandom(2). The numbers are splitmix64's from a fixed seed, so that
// every run of the machine is the same. They are not secret.
class RandomDevice final : public NullDevice {
 public:
  explicit RandomDevice(FileSystem& file_system) : NullDevice(file_system, 9) {}
  Result<std::uint64_t> read(UserBytes& to, std::uint64_t) override {
    std::array<std::uint64_t, 64> words;
    return in_pieces(to, sizeof(words), [&](std::uint64_t piece) -> Result<std::uint64_t> {
      std::ranges::generate(std::span(words).first((piece + 7) / 8), [this] { return next(); });
      TRY(to.copy_out(std::as_bytes(std::span(words)).first(piece)));
      return piece;
    });
  }
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
