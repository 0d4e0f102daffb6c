// The console: the kernel's messages, one whole line each, and what the terminal writes.
//
// Owns: the UART, which only a panic uses without the lock. The lock is the last in the order, so that a message can be
// printed while holding any other.
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

  // The characters as they are, none of another hart's between them.
  void write(std::string_view text) override EXCLUDES(lock_);
  // One line of its own that starts with "ox: ".
  void line(std::string_view pattern, std::span<const FormatArgument> arguments) EXCLUDES(lock_);
  template <class... Arguments>
  void log(std::string_view pattern, const Arguments&... arguments) {
    const std::array<FormatArgument, sizeof...(arguments)> list{FormatArgument(arguments)...};
    line(pattern, list);
  }

  // The calling hart panics: from now on the UART is its own, whoever holds the lock, and what others write here is
  // lost. False: another hart came first.
  [[nodiscard]] bool seize();
  bool seized() const { return seized_.load(relaxed) != 0; }

 private:
  SpinLock lock_{LockRank::console};
  Uart uart_;
  Atomic<std::uint32_t> seized_{0};
};

// The machine's only one. It can be reached from anywhere because a panic can happen anywhere.
extern Console the_console;

}  // namespace ox
