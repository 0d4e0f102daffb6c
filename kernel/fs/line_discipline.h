// A terminal's line discipline (Linux: n_tty): makes lines that can be edited, signals and an echo from typed
// characters.
//
// In canonical mode a line has up to 4,096 characters, its end included. After the 4,095th, ordinary characters are
// refused with a BEL, and only special characters have an effect.
// Owns: the settings, and 4 KiB of typed characters that wait for readers. It knows neither device nor process. Locks:
// none; the terminal that owns it locks around each call.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "abi/terminal.h"
#include "lib/format.h"

namespace ox {

class LineDiscipline {
 public:
  explicit LineDiscipline(TextSink& screen) : screen_(screen) {}

  // The speeds are kept but have no effect.
  const abi::termios2& settings() const { return settings_; }
  // Characters that wait are kept. A change to canonical mode makes them a line.
  void set(const abi::termios2& settings);
  bool canonical() const { return local(abi::icanon); }
  bool local(std::uint32_t flag) const { return (settings_.old.c_lflag & flag) != 0; }

  // Whether another character can be typed without losing one. If not, a reader must take characters first.
  bool room() const { return end_ - read_ < most || (canonical() && read_ == line_); }
  // Processes a typed character. Returns the signal that it stands for, or 0.
  int input(char c);

  // How many characters a reader may take now: in canonical mode only those of complete lines.
  std::uint32_t available() const { return (canonical() ? line_ : end_) - read_; }
  // MIN and TIME of termios(3), which say how long a read waits. In canonical mode a read waits for a line.
  std::uint32_t least() const { return canonical() ? 1 : settings_.old.c_cc[abi::vmin]; }
  std::uint32_t tenths() const { return canonical() ? 0 : settings_.old.c_cc[abi::vtime]; }
  // Whether poll(2) reports it as readable.
  bool readable() const { return available() >= (tenths() == 0 && least() > 1 ? least() : 1); }
  // Moves as many characters to `to` as fit, but none beyond the end of a line, and sets `end` there. Returns how many.
  std::size_t take(std::span<char> to, bool& end);
  void flush() { read_ = line_ = end_; }

  // Prepares a program's output. The `count` characters are at the start of the second half of `room`; the result, at
  // the start of `room`, may have two characters for a line feed.
  std::string_view output(std::span<char> room, std::size_t count) const;

 private:
  enum class Erase { character, word, line };
  static constexpr std::uint16_t ends_line = 0x100;
  static constexpr std::uint16_t end_of_input = ends_line;  // ends a line, but is not read as a character
  static constexpr std::uint32_t size = 4096;
  static constexpr std::uint32_t most = size - 1;  // the last slot is for a line's end

  bool is(unsigned index, char c) const { return c != 0 && settings_.old.c_cc[index] == static_cast<std::uint8_t>(c); }
  bool line_feeds_return() const { return (~settings_.old.c_oflag & (abi::opost | abi::onlcr)) == 0; }
  std::uint16_t& at(std::uint32_t position) { return typed_[position % size]; }
  void edit(char c);
  void add(char c, bool mapped);
  void end_line(std::uint16_t with);
  void erase(Erase what);
  bool continues(std::uint32_t position);
  void rub_out(Erase what, char c);
  void show(char c);
  void show_line();
  void new_line();

  TextSink& screen_;
  abi::termios2 settings_{initial(), 38400, 38400};
  bool quoted_ = false;  // the next character is taken literally
  // Positions in all characters since boot: [read_, line_) are complete lines, [line_, end_) is the line being typed.
  std::uint32_t read_ = 0;
  std::uint32_t line_ = 0;
  std::uint32_t end_ = 0;
  std::array<std::uint16_t, size> typed_{};

  // Linux's initial settings without IXON, which is not implemented.
  static constexpr abi::termios initial() {
    return {.c_iflag = abi::icrnl,
            .c_oflag = abi::opost | abi::onlcr,
            .c_cflag = abi::b38400 | abi::cs8 | abi::cread | abi::hupcl,
            .c_lflag = abi::isig | abi::icanon | abi::echo | abi::echoe | abi::echok | abi::echoctl | abi::echoke |
                       abi::iexten,
            .c_line = 0,
            .c_cc = {'C' & 31, '\\' & 31, 0x7f, 'U' & 31, 'D' & 31, 0, 1, 0, 'Q' & 31, 'S' & 31, 'Z' & 31, 0, 'R' & 31,
                     'O' & 31, 'W' & 31, 'V' & 31}};
  }
};

}  // namespace ox
