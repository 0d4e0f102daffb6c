// The kernel's command line: init=PATH fork=eager|cow|on_demand trace record=N debug recount=N stats, and after `--`
// init's arguments. A word that it does not know is named and left alone, as Linux does.
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
  std::uint32_t events = 0;  // to be recorded at most; 0: as many as a sixteenth of RAM holds
  bool debug = false;
  bool stats = false;
  std::uint32_t recount = 256;      // with `debug`: traps from one recount of all references to the next
  std::string_view init_arguments;  // the rest behind `--`: see take_argument()
  std::string_view unknown;         // the first word that nobody knows; empty: none
  std::string_view wrong, allowed;  // a word whose value is not allowed, and what is; empty: none
};
inline constexpr std::string_view known_words = "init= fork= trace record record= debug recount= stats";
// What helps where a count or a table is found to be wrong, and `debug` was not there.
inline constexpr std::string_view debug_advice =
    "APPEND=debug finds this at the fault; make check-host finds a missing fence, QEMU hides it";

// As it is called on the command line.
const char* name(ForkMode mode);
std::optional<ForkMode> fork_mode(std::string_view name);
Options parse_options(std::string_view command_line);
// Takes the next of init's arguments off `text`: a word, or all that stands between quotes ("" or ''). None: no more.
std::optional<std::string_view> take_argument(std::string_view& text);

}  // namespace ox
