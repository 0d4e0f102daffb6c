// The kernel's command line: init=PATH fork=eager|cow|on_demand trace record=N debug recount=N stats, and init's
// arguments after `--`. An unknown word is reported and ignored, as Linux does.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "vm/event.h"

namespace ox {

struct Options {
  std::string_view init = "/init";
  ForkMode fork = ForkMode::on_demand;
  bool trace = false;
  bool record = false;
  std::uint32_t events = 0;  // the most to record; 0: as many as a sixteenth of RAM holds
  bool debug = false;
  bool stats = false;
  std::uint32_t recount = 256;      // with `debug`: the number of traps between two recounts of all references
  std::string_view init_arguments;  // the text after `--`: see take_argument()
  std::string_view unknown;         // the first unknown word; empty: none
  std::string_view wrong, allowed;  // a word whose value is not allowed, and the allowed ones; empty: none
};
inline constexpr std::string_view known_words = "init= fork= trace record record= debug recount= stats";
// Advice that is printed when a count or a table is found to be wrong.
inline constexpr std::string_view debug_advice =
    "APPEND=debug finds this at the fault; make check-host finds a missing fence, QEMU hides it";

// The mode's name on the command line, and the mode with that name.
const char* name(ForkMode mode);
std::optional<ForkMode> fork_mode(std::string_view name);
Options parse_options(std::string_view command_line);
// Takes init's next argument off `text`: a word, or the text between quotes ("" or ''). No value: there is no more.
std::optional<std::string_view> take_argument(std::string_view& text);

}  // namespace ox
