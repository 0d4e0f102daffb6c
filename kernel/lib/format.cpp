#include "lib/format.h"

namespace ox {

namespace {

void write_number(TextSink& sink, std::uint64_t value, unsigned base) {
  std::array<char, 20> digits{};
  std::size_t first = digits.size();
  do {
    digits[--first] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  sink.write({digits.data() + first, digits.size() - first});
}

void write_argument(TextSink& sink, const FormatArgument& argument, char style) {
  using Kind = FormatArgument::Kind;
  if (argument.kind == Kind::text) return sink.write(argument.text);
  if (style == 'x') {
    sink.write("0x");
    return write_number(sink, argument.number, 16);
  }
  const bool negative = argument.kind == Kind::signed_number && static_cast<std::int64_t>(argument.number) < 0;
  if (negative) sink.write("-");
  write_number(sink, negative ? -argument.number : argument.number, 10);
}

}  // namespace

void format_arguments(TextSink& sink, std::string_view pattern, std::span<const FormatArgument> arguments) {
  std::size_t next = 0;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    sink.write(pattern.substr(0, open));
    if (open == std::string_view::npos) break;
    const std::size_t close = pattern.find('}', open);
    if (close == std::string_view::npos) return sink.write("{?}");
    if (next == arguments.size()) {
      sink.write("{?}");
    } else {
      write_argument(sink, arguments[next++], close - open == 3 ? pattern[open + 2] : ' ');
    }
    pattern.remove_prefix(close + 1);
  }
  if (next != arguments.size()) sink.write("{?}");
}

}  // namespace ox
