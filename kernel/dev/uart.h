// The ns16550a serial line. Output is polled, input comes by interrupt.
//
// No lock: the console's covers output, and the interrupt goes to one hart.
#pragma once

#include <optional>

#include "lib/address.h"
#include "lib/format.h"

namespace ox {

class Uart final : public TextSink {
 public:
  // Until start() output goes to the firmware's console.
  void start(PhysAddr registers);
  void write(std::string_view text) override;
  // Unless the output stands at the start of a line.
  void end_line();

  // From now on the device interrupts until get() has taken every character.
  void enable_interrupt();
  std::optional<char> get();

 private:
  void put(char c);

  PhysAddr registers_;
  bool in_line_ = false;  // the last character was no line feed
};

}  // namespace ox
