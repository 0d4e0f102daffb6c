// Text without allocation: format(sink, "pid {} at {:x}", pid, va) writes it, take_piece() splits it.
//
// `{}` prints integers in decimal, {:x} in hexadecimal with 0x, {:8} in at least 8 columns, {:08} and {:08x} with zeros
// in front and no 0x; strings print as themselves. Too few or too many arguments print as `{?}`: a message about a bug
// must not become a second bug.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <string_view>

#include "lib/address.h"

namespace ox {

// The destination of formatted text. The code that prints does not own it.
class TextSink {
 public:
  virtual void write(std::string_view text) = 0;

 protected:
  ~TextSink() = default;
};

// Text in a fixed array. Text that does not fit is cut off.
template <std::size_t capacity>
class TextBuffer final : public TextSink {
 public:
  void write(std::string_view text) override { size_ += text.copy(bytes_.data() + size_, capacity - size_); }
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, capacity> bytes_{};
  std::size_t size_ = 0;
};

struct FormatArgument {
  enum class Kind : std::uint8_t { unsigned_number, signed_number, text };

  constexpr FormatArgument(std::string_view value) : kind(Kind::text), text(value) {}
  constexpr FormatArgument(const char* value) : kind(Kind::text), text(value) {}
  template <std::unsigned_integral T>
  constexpr FormatArgument(T value) : kind(Kind::unsigned_number), number(value) {}
  template <std::signed_integral T>
  constexpr FormatArgument(T value) : kind(Kind::signed_number), number(static_cast<std::uint64_t>(value)) {}
  constexpr FormatArgument(PhysAddr value) : FormatArgument(value.value()) {}
  constexpr FormatArgument(Ppn value) : FormatArgument(value.value()) {}
  constexpr FormatArgument(VirtAddr value) : FormatArgument(value.value()) {}

  Kind kind;
  std::uint64_t number = 0;
  std::string_view text{};
};

void format_arguments(TextSink& sink, std::string_view pattern, std::span<const FormatArgument> arguments);

template <class... Arguments>
void format(TextSink& sink, std::string_view pattern, const Arguments&... arguments) {
  const std::array<FormatArgument, sizeof...(arguments)> list{FormatArgument(arguments)...};
  format_arguments(sink, pattern, list);
}

// A panic's pattern and its source line, which the message ends with (arch/panic.h).
struct PanicPattern {
  PanicPattern(const char* its_text, std::source_location its_place = std::source_location::current())
      : text(its_text), place(its_place) {}
  template <class... Arguments>
  void print(TextSink& to, const Arguments&... arguments) const {
    format(to, text, arguments...);
    format(to, " [{}:{}]", place.file_name(), place.line());
  }

  std::string_view text;
  std::source_location place;
};

// Takes the first piece off `text`, with the separators before it. An empty result: there is none.
inline std::string_view take_piece(std::string_view& text, char separator) {
  text.remove_prefix(std::min(text.find_first_not_of(separator), text.size()));
  const std::string_view piece = text.substr(0, text.find(separator));
  text.remove_prefix(piece.size());
  return piece;
}

}  // namespace ox
