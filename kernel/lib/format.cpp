#include "lib/format.h"

namespace ox {

namespace {

void write_number(TextSink& sink, std::uint64_t value, unsigned base, std::size_t width, char fill) {
  std::array<char, 20> digits{};
  std::size_t first = digits.size();
  do {
    digits[--first] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  while (first > 0 && digits.size() - first < width) digits[--first] = fill;
  sink.write({digits.data() + first, digits.size() - first});
}

// `style` is the text between the braces.
void write_argument(TextSink& sink, const FormatArgument& argument, std::string_view style) {
  using Kind = FormatArgument::Kind;
  if (argument.kind == Kind::text) return sink.write(argument.text);
  std::size_t width = 0;
  for (const char c : style) width = c >= '0' && c <= '9' ? width * 10 + static_cast<std::size_t>(c - '0') : width;
  const char fill = style.starts_with(":0") ? '0' : ' ';
  if (style.ends_with('x')) {
    if (width == 0) sink.write("0x");
    return write_number(sink, argument.number, 16, width, fill);
  }
  const bool negative = argument.kind == Kind::signed_number && static_cast<std::int64_t>(argument.number) < 0;
  if (negative) sink.write("-");
  write_number(sink, negative ? -argument.number : argument.number, 10, width, fill);
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
      write_argument(sink, arguments[next++], {pattern.data() + open + 1, close - open - 1});
    }
    pattern.remove_prefix(close + 1);
  }
  if (next != arguments.size()) sink.write("{?}");
}

}  // namespace ox
