// The console: the kernel's messages, one whole line each, and the terminal's output.
//
// Owns: the UART, which only a panic uses without the lock. Locks: its own, the last in the lock order, so that a
// message can be printed while any other lock is held.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "arch/atomic.h"
#include "dev/uart.h"
#include "lib/format.h"
#include "sync/spinlock.h"

namespace ox {

class Console final : public TextSink {
 public:
  Uart& uart() { return uart_; }

  // Writes the characters unchanged, with no other hart's characters between them.
  void write(std::string_view text) override EXCLUDES(lock_);
  // Writes one line of its own that starts with "ox: ".
  void line(std::string_view pattern, std::span<const FormatArgument> arguments) EXCLUDES(lock_);
  template <class... Arguments>
  void log(std::string_view pattern, const Arguments&... arguments) {
    const std::array<FormatArgument, sizeof...(arguments)> list{FormatArgument(arguments)...};
    line(pattern, list);
  }

  // Called by a hart that panics: from now on it uses the UART without the lock, and the output of all other harts is
  // dropped. False: another hart has panicked first.
  [[nodiscard]] bool seize();
  bool seized() const { return seized_.load(relaxed) != 0; }

 private:
  SpinLock lock_{LockRank::console};
  Uart uart_;
  Atomic<std::uint32_t> seized_{0};
};

// The machine's only console. It is global because a panic can happen anywhere.
extern Console the_console;

}  // namespace ox
