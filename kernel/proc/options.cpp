#include "proc/options.h"

namespace ox {

const char* name(ForkMode mode) {
  return mode == ForkMode::eager ? "eager" : mode == ForkMode::cow ? "cow" : "on_demand";
}

std::optional<ForkMode> fork_mode(std::string_view text) {
  for (const ForkMode mode : {ForkMode::eager, ForkMode::cow, ForkMode::on_demand}) {
    if (text == name(mode)) return mode;
  }
  return {};
}

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

void set_fork_mode(Options& options, std::string_view text) {
  const std::optional<ForkMode> mode = fork_mode(text);
  options.unknown_fork = mode ? std::string_view() : text;
  options.fork = mode.value_or(options.fork);
}

}  // namespace

Options parse_options(std::string_view text) {
  Options options;
  for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) {
    if (word == "--") {
      options.init_arguments = text;
      break;
    }
    std::string_view value = word;
    value.remove_prefix(word.find('=') + 1);  // all of it when there is none
    if (word == "trace") options.trace = true;
    if (word == "record" || word.starts_with("record=")) {
      options.record = true;
      options.events = number(value, 0);
    }
    if (word == "debug") options.debug = true;
    if (word == "stats") options.stats = true;
    if (word.starts_with("init=")) options.init = value;
    if (word.starts_with("fork=")) set_fork_mode(options, value);
    if (word.starts_with("recount=")) options.recount = number(value, options.recount);
  }
  return options;
}

}  // namespace ox
