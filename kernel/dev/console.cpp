#include "dev/console.h"

#include "arch/hart.h"

namespace ox {

constinit Console the_console;

// The console for who holds its lock.
class Console::Unlocked final : public TextSink {
 public:
  explicit Unlocked(Console& console) : console_(console) {}
  void write(std::string_view text) override { console_.put(text); }

 private:
  Console& console_;
};

void Console::put(std::string_view text) {
  if (text.empty()) return;
  for (const char c : text) uart_.put(c);
  in_line_ = text.back() != '\n';
}

void Console::write(std::string_view text) {
  if (seized()) {
    if (this_hart().panicking) put(text);
    return;
  }
  LockGuard guard(lock_);
  put(text);
}

void Console::line(std::string_view pattern, std::span<const FormatArgument> arguments) {
  if (seized()) return;
  LockGuard guard(lock_);
  if (in_line_) put("\r\n");
  put("ox: ");
  Unlocked unlocked(*this);
  format_arguments(unlocked, pattern, arguments);
  put("\r\n");
}

bool Console::seize() {
  this_hart().panicking = true;
  if (seized_.exchange(1, acq_rel) != 0) return false;
  if (in_line_) put("\r\n");
  return true;
}

}  // namespace ox
