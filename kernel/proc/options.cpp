#include "proc/options.h"

#include "lib/format.h"

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

}  // namespace

Options parse_options(std::string_view text) {
  Options options;
  for (std::string_view word = take_piece(text, ' '); !word.empty(); word = take_piece(text, ' ')) {
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
    if (word.starts_with("fork=") && !value.empty()) options.fork = value;
    if (word.starts_with("recount=")) options.recount = number(value, options.recount);
  }
  return options;
}

}  // namespace ox
