#include "hub/options.h"

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

constexpr std::uint32_t most = 1'000'000'000;

// Sets `value` to a number from 1 to `most`. False: the text is no such number.
bool read_number(std::string_view digits, std::uint32_t& value) {
  std::uint64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9' || number > most) return false;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  value = static_cast<std::uint32_t>(number);
  return number >= 1 && number <= most;
}

// Applies one word of the command line. Null: done, or the word is unknown. Otherwise its value is wrong, and the
// result says what is allowed.
const char* take(Options& options, std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  std::string_view value = word;
  value.remove_prefix(word.find('=') + 1);  // all of the word if it has no '='
  if (word == "trace") return options.trace = true, nullptr;
  if (word == "debug") return options.debug = true, nullptr;
  if (word == "stats") return options.stats = true, nullptr;
  if (name == "init") {
    options.init = value;
    return value.empty() ? "init=PATH, a program in the initramfs" : nullptr;
  }
  if (name == "fork") {
    const auto mode = fork_mode(value);
    options.fork = mode.value_or(options.fork);
    return mode ? nullptr : "fork=eager, fork=cow, fork=on_demand";
  }
  if (name == "record") {
    options.record = true;
    return word == name || read_number(value, options.events) ? nullptr
                                                              : "record, or record=N with N from 1 to 1000000000";
  }
  if (name == "recount") {
    return read_number(value, options.recount) ? nullptr : "recount=N with N from 1 to 1000000000";
  }
  options.unknown = options.unknown.empty() ? word : options.unknown;
  return nullptr;
}

}  // namespace

Options parse_options(std::string_view text) {
  Options options;
  for (std::string_view word = take_piece(text, ' '); !word.empty(); word = take_piece(text, ' ')) {
    if (word == "--") {
      options.init_arguments = text;
      break;
    }
    const char* const allowed = take(options, word);
    if (allowed != nullptr) {
      options.wrong = word;
      options.allowed = allowed;
    }
  }
  return options;
}

std::optional<std::string_view> take_argument(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (text.empty()) return {};
  const bool quoted = text.starts_with('"') || text.starts_with('\'');
  const char end = quoted ? text.front() : ' ';
  text.remove_prefix(quoted ? 1 : 0);
  const std::string_view argument = text.substr(0, text.find(end));
  text.remove_prefix(std::min(argument.size() + 1, text.size()));
  return argument;
}

}  // namespace ox
