// A line discipline without a machine, with its output and the signals that it sends.
#pragma once

#include <string>
#include <vector>

#include "fs/line_discipline.h"

namespace ox {

// A line discipline that collects its output and the signals that it asks for.
struct Tty final : TextSink {
  void write(std::string_view text) override { screen += text; }
  void type(const std::string& text) {
    for (const char c : text) {
      if (const int signal = discipline.input(c); signal != 0) signals.push_back(signal);
    }
  }
  void set(std::uint32_t abi::termios::* flags, std::uint32_t on, std::uint32_t off = 0) {
    abi::termios2 settings = discipline.settings();
    settings.old.*flags = (settings.old.*flags | on) & ~off;
    discipline.set(settings);
  }
  void raw() { set(&abi::termios::c_lflag, 0, abi::icanon); }
  // One read(); bytes that do not fit into the buffer stay for the next one.
  std::string read(std::size_t size = 5000) {
    std::string text(size, '?');
    bool end = false;
    text.resize(discipline.take(text, end));
    return text;
  }
  bool readable() const { return discipline.available() != 0; }

  std::string screen;
  std::vector<int> signals;
  LineDiscipline discipline{*this};
};

}  // namespace ox
