// The kernel's command line: init=PATH fork=eager|cow|on_demand trace record=N debug recount=N stats, and after `--`
// init's arguments. Words it does not know are left alone, as Linux does.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "vm/event.h"

namespace ox {

struct Options {
  std::string_view init = "/init";
  std::string_view fork = "on_demand";  // what it said, a mode or not
  bool trace = false;
  bool record = false;
  std::uint32_t events = 0;  // to be recorded at most; 0: as many as a sixteenth of RAM holds
  bool debug = false;
  bool stats = false;
  std::uint32_t recount = 256;      // with `debug`: traps from one recount of all references to the next
  std::string_view init_arguments;  // the rest behind `--`, separated by blanks
};

// As it is called on the command line.
const char* name(ForkMode mode);
std::optional<ForkMode> fork_mode(std::string_view name);
Options parse_options(std::string_view command_line);

}  // namespace ox
