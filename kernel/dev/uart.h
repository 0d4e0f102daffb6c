// The ns16550a serial line. Output is polled, input comes by interrupt.
//
// No lock: the console's covers output, the terminal's input.
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
  // Characters until now.
  std::uint64_t written() const { return written_; }

  // Whether the device interrupts until get() has taken every character. QEMU keeps what finds no room in the device.
  void listen(bool on);
  std::optional<char> get();

 private:
  void put(char c);

  PhysAddr registers_;
  std::uint64_t written_ = 0;
  bool in_line_ = false;  // the last character was no line feed
};

}  // namespace ox
