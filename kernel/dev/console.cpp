#include "dev/console.h"

#include "arch/hart.h"

namespace ox {

constinit Console the_console;

void Console::write(std::string_view text) {
  if (seized()) return;
  LockGuard guard(lock_);
  uart_.write(text);
}

void Console::line(std::string_view pattern, std::span<const FormatArgument> arguments) {
  if (seized()) return;
  LockGuard guard(lock_);
  uart_.end_line();
  uart_.write("ox: ");
  format_arguments(uart_, pattern, arguments);
  uart_.end_line();
}

bool Console::seize() {
  this_hart().panicking = true;
  if (seized_.exchange(1, acq_rel) != 0) return false;
  uart_.end_line();
  return true;
}

}  // namespace ox
