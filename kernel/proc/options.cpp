#include "proc/options.h"

namespace ox {

std::string_view take_word(std::string_view& text) {
  const std::size_t start = text.find_first_not_of(' ');
  if (start == std::string_view::npos) return text = {};
  text.remove_prefix(start);
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

namespace {

// `otherwise` if it is no number above 0.
std::uint32_t number(std::string_view digits, std::uint32_t otherwise) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9' || value > 100'000'000) return otherwise;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value == 0 ? otherwise : value;
}

// Whether `word` begins with `name`, which is cut off then.
bool names(std::string_view& word, std::string_view name) {
  if (!word.starts_with(name)) return false;
  word.remove_prefix(name.size());
  return true;
}

void set_fork_mode(Options& options, std::string_view mode) {
  if (mode == "eager") {
    options.fork = ForkMode::eager;
  } else if (mode == "cow") {
    options.fork = ForkMode::cow;
  } else if (mode == "on_demand") {
    options.fork = ForkMode::on_demand;
  } else {
    options.unknown_fork = mode;
  }
}

}  // namespace

Options parse_options(std::string_view text) {
  Options options;
  for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) {
    if (word == "--") {
      options.init_arguments = text;
      break;
    }
    if (word == "trace") options.trace = true;
    if (word == "debug") options.debug = true;
    if (word == "stats") options.stats = true;
    if (names(word, "init=")) options.init = word;
    if (names(word, "fork=")) set_fork_mode(options, word);
    if (names(word, "recount=")) options.recount = number(word, options.recount);
  }
  return options;
}

}  // namespace ox
