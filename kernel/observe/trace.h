// `trace` on the command line: one console line for each thing that happens to memory.
#pragma once

#include "dev/console.h"
#include "vm/event.h"

namespace ox {

class TracePrinter final : public EventSink {
 public:
  explicit constexpr TracePrinter(Console& console) : console_(console) {}

  void event(const Event& event) override;

 private:
  Console& console_;
};

}  // namespace ox
