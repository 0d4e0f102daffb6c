// The ns16550a serial line, as the firmware has set it up. Output is polled, input comes by interrupt.
//
// No lock: the console's covers output, the terminal's input.
#pragma once

#include <optional>

#include "lib/format.h"

namespace ox {

class Uart final : public TextSink {
 public:
  void write(std::string_view text) override;
  // Unless the output stands at the start of a line.
  void end_line();

  // Whether the device interrupts until get() has taken every character. QEMU keeps what finds no room in the device.
  void listen(bool on);
  std::optional<char> get();

 private:
  bool in_line_ = false;  // the last character was no line feed
};

}  // namespace ox
