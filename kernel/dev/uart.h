// The ns16550a serial line. Output is polled, input comes by interrupt.
//
// No lock of its own: the console's lock covers output, the terminal's lock input.
#pragma once

#include <optional>

#include "lib/address.h"
#include "lib/format.h"

namespace ox {

class Uart final : public TextSink {
 public:
  // Until start(), output goes to the firmware's console.
  void start(PhysAddr registers);
  void write(std::string_view text) override;
  // Ends the line, unless the output is at the start of one.
  void end_line();
  // The number of characters written so far.
  std::uint64_t written() const { return written_; }

  // Turns the interrupt for received characters on or off. The device interrupts until get() has taken every character.
  // While the device is full, QEMU keeps further input.
  void listen(bool on);
  std::optional<char> get();

 private:
  void put(char c);

  PhysAddr registers_;
  std::uint64_t written_ = 0;
  bool in_line_ = false;  // the last character was not a line feed
};

}  // namespace ox
