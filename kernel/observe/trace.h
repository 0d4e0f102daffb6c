// `trace` on the command line: prints one line for each fork, fault and exit.
#pragma once

#include "dev/console.h"
#include "vm/memory.h"

namespace ox {

class TracePrinter final : public EventSink {
 public:
  explicit constexpr TracePrinter(Console& console) : console_(console) {}

  // Prints from now on.
  void start(Memory& memory) {
    memory_ = &memory;
    memory.trace.sink = this;
  }
  void event(const Event& event) override;

 private:
  Console& console_;
  Memory* memory_ = nullptr;
};

}  // namespace ox
