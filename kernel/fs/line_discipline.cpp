#include "fs/line_discipline.h"

#include <utility>

#include "abi/process.h"

namespace ox {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }
bool in_word(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0xc0;
}

}  // namespace

void LineDiscipline::set(const abi::termios2& settings) {
  const bool was_canonical = canonical();
  settings_ = settings;
  if (was_canonical || !canonical()) return;
  if (end_ != read_) at(end_ - 1) |= ends_line;
  line_ = end_;  // raw mode does not move it
}

int LineDiscipline::input(char c) {
  if (std::exchange(quoted_, false)) {
    add(c, false);
    return 0;
  }
  constexpr std::pair<unsigned, int> signals[] = {
      {abi::vintr, abi::sigint}, {abi::vquit, abi::sigquit}, {abi::vsusp, abi::sigtstp}};
  for (const auto& [index, signal] : signals) {
    if (!local(abi::isig) || !is(index, c)) continue;
    if (!local(abi::noflsh)) flush();
    if (local(abi::echo)) show(c);
    return signal;
  }
  const bool mapped = c == '\r';
  if (mapped) {
    if ((settings_.old.c_iflag & abi::igncr) != 0) return 0;
    if ((settings_.old.c_iflag & abi::icrnl) != 0) c = '\n';
  } else if (c == '\n' && (settings_.old.c_iflag & abi::inlcr) != 0) {
    c = '\r';
  }
  canonical() ? edit(c) : add(c, mapped);
  return 0;
}

void LineDiscipline::edit(char c) {
  const bool extended = local(abi::iexten);
  if (is(abi::verase, c)) return erase(Erase::character);
  if (is(abi::vkill, c)) return erase(Erase::line);
  if (extended && is(abi::vwerase, c)) return erase(Erase::word);
  if (extended && is(abi::vlnext, c)) {
    quoted_ = true;
    if (local(abi::echo) && local(abi::echoctl)) screen_.write("^\b");
  } else if (extended && is(abi::vreprint, c) && local(abi::echo)) {
    show(c);
    show_line();
  } else if (c == '\n') {
    if (local(abi::echo | abi::echonl)) new_line();
    end_line(ends_line | '\n');
  } else if (is(abi::veof, c)) {
    end_line(end_of_input);
  } else if (is(abi::veol, c) || (extended && is(abi::veol2, c))) {
    if (local(abi::echo)) show(c);
    end_line(static_cast<std::uint16_t>(ends_line | static_cast<std::uint8_t>(c)));
  } else {
    add(c, false);
  }
}

// In raw mode a line feed that was typed as such is echoed like any control character, as on Linux; one that was mapped
// from a carriage return is echoed as a new line.
void LineDiscipline::add(char c, bool mapped) {
  if (end_ - read_ >= most) return screen_.write("\a");
  at(end_++) = static_cast<std::uint8_t>(c);
  if (local(abi::echo)) (mapped && c == '\n') ? new_line() : show(c);
}

void LineDiscipline::end_line(std::uint16_t with) {
  at(end_++) = with;
  line_ = end_;
}

void LineDiscipline::erase(Erase what) {
  if (end_ == line_) return;
  constexpr std::uint32_t visibly = abi::echo | abi::echoe | abi::echok | abi::echoke;
  if (what == Erase::line && (settings_.old.c_lflag & visibly) != visibly) {
    end_ = line_;
    if (local(abi::echo)) show(static_cast<char>(settings_.old.c_cc[abi::vkill]));
    if (local(abi::echo) && local(abi::echok)) new_line();
    return;
  }
  bool word = false;
  bool tab = false;  // its width depends on the column, so the line is shown anew
  while (end_ != line_) {
    std::uint32_t start = end_ - 1;
    for (; continues(start) && start != line_; --start) {
    }
    if (continues(start)) break;  // a character without its start stays, as on Linux
    const char c = static_cast<char>(at(start));
    if (what == Erase::word && word && !in_word(c)) break;
    word = word || in_word(c);
    tab = tab || c == '\t';
    end_ = start;
    if (local(abi::echo)) rub_out(what, c);
    if (what == Erase::character) break;
  }
  if (tab && local(abi::echo)) show_line();
}

// Whether the byte at `position` continues a UTF-8 character.
bool LineDiscipline::continues(std::uint32_t position) {
  return (settings_.old.c_iflag & abi::iutf8) != 0 && (at(position) & 0xc0) == 0x80;
}

void LineDiscipline::rub_out(Erase what, char c) {
  if (what == Erase::character && !local(abi::echoe)) return show(static_cast<char>(settings_.old.c_cc[abi::verase]));
  if (c == '\t' || (is_control(c) && !local(abi::echoctl))) return;
  screen_.write(is_control(c) ? "\b \b\b \b" : "\b \b");
}

// Echoes a character; a control character is shown as ^X.
void LineDiscipline::show(char c) {
  const std::array<char, 2> text{'^', static_cast<char>(c ^ 0x40)};
  if (is_control(c) && c != '\t' && local(abi::echoctl)) return screen_.write({text.data(), text.size()});
  c == '\n' ? new_line() : screen_.write({&c, 1});
}

void LineDiscipline::show_line() {
  new_line();
  for (std::uint32_t position = line_; position != end_; ++position) show(static_cast<char>(at(position)));
}

void LineDiscipline::new_line() { screen_.write(line_feeds_return() ? "\r\n" : "\n"); }

std::size_t LineDiscipline::take(std::span<char> to, bool& end) {
  std::size_t count = 0;
  for (end = false; !end && available() != 0; ++read_) {
    const std::uint16_t c = at(read_);
    // An end of input right after the last character that fits is taken along, so that the next read does not return 0.
    if (count == to.size() && (c != end_of_input || !canonical() || count == 0)) break;
    end = canonical() && (c & ends_line) != 0;
    if (c != end_of_input || !canonical()) to[count++] = static_cast<char>(c);
  }
  return count;
}

std::string_view LineDiscipline::output(std::span<char> room, std::size_t count) const {
  const std::span<const char> from = room.subspan(room.size() / 2, count);
  char* to = room.data();
  for (const char c : from) {
    if (c == '\n' && line_feeds_return()) *to++ = '\r';
    *to++ = c;
  }
  return {room.data(), to};
}

}  // namespace ox
