#include "proc/script.h"

#include <algorithm>

namespace ox {

namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

}  // namespace

Result<Script> Script::begin(Memory& memory, std::string_view path) {
  Script script;
  script.page_ = TRY(FrameRef::make(memory.frames, FrameKind::kernel));
  script.words_[0] = path;
  return script;
}

Result<bool> Script::follow(const ByteSource& file) {
  const std::span line{page_.bytes() + scripts_ % most_scripts * longest_line, longest_line};
  const std::uint64_t size = file.read(0, line);
  std::string_view text{reinterpret_cast<const char*>(line.data()), size};
  if (!text.starts_with("#!")) return false;
  if (++scripts_ > most_scripts) return Errno::eloop;
  const std::size_t end = text.find('\n');
  if (end == text.npos && size == longest_line) return Errno::enoexec;
  text = trimmed(text.substr(2, end - 2));
  if (text.empty()) return Errno::enoexec;
  const std::string_view interpreter = text.substr(0, text.find_first_of(blanks));
  const std::string_view argument = trimmed(text.substr(interpreter.size()));
  if (!argument.empty()) words_[count_++] = argument;
  words_[count_++] = interpreter;
  return true;
}

}  // namespace ox
