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
    if (word.starts_with("init=")) options.init = word.substr(5);
    if (!word.starts_with("fork=")) continue;
    const std::string_view mode = word.substr(5);
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
  return options;
}

}  // namespace ox
