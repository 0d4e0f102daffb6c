#include "syscall/call_log.h"

#include "dev/console.h"
#include "hub/options.h"

namespace ox {

void CallLog::note(std::uint64_t number, int pid, std::string_view what) {
  if (!options_.debug || number >= noted_.size() * 64) return;
  const std::uint64_t bit = std::uint64_t{1} << number % 64;
  if ((noted_[number / 64].fetch_or(bit) & bit) == 0) console_.log("pid {}: system call {} {}", pid, number, what);
}

}  // namespace ox
