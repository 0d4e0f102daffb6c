// The ns16550a serial line. Output is polled, input comes by interrupt.
//
// No lock: the console's covers output, and the interrupt goes to one hart.
#pragma once

#include <cstdint>

#include "lib/address.h"

namespace ox {

// Where received characters go.
class ByteSink {
 public:
  virtual void byte(char c) = 0;

 protected:
  ~ByteSink() = default;
};

class Uart {
 public:
  // Until start() output goes to the firmware's console.
  void start(PhysAddr registers);
  void put(char c);

  // From now on the device interrupts for each character, and interrupt() hands it to `receiver`.
  void receive(ByteSink& receiver);
  void interrupt();

 private:
  PhysAddr registers_;
  ByteSink* receiver_ = nullptr;
};

}  // namespace ox
