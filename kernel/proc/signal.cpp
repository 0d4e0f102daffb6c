// Signals, as far as default actions go: most end the process, some are nothing to it.
#include <bit>

#include "abi/process.h"
#include "proc/kernel.h"

namespace ox {

namespace {

constexpr std::uint64_t bit(int signal) { return std::uint64_t{1} << (signal - 1); }

// Ignored by default. There is no stopping yet, so neither is there anything to continue.
constexpr std::uint64_t harmless = bit(abi::sigchld) | bit(abi::sigcont) | bit(abi::sigurg) | bit(abi::sigwinch) |
                                   bit(abi::sigstop) | bit(abi::sigtstp) | bit(abi::sigttin) | bit(abi::sigttou);

}  // namespace

void send_signal(Process& target, int signal) {
  // As on Linux init is spared what it has not asked for.
  if ((bit(signal) & harmless) != 0 || &target == target.kernel.init) return;
  target.pending.fetch_or(bit(signal));
  target.thread.interrupt.store(true, relaxed);
  target.kernel.scheduler.interrupt(target.thread);
}

void kill_for_memory(Process& self) {
  self.kernel.console.log("out of memory: pid {} is killed", self.pid);
  exit_process(self, abi::status_killed(abi::sigkill));
}

void act_on_signals(Process& self) {
  if (self.space->starved()) kill_for_memory(self);
  const std::uint64_t pending = self.pending.load(acquire);
  if (pending == 0) return;
  const bool killed = (pending & bit(abi::sigkill)) != 0;
  exit_process(self, abi::status_killed(killed ? abi::sigkill : std::countr_zero(pending) + 1));
}

}  // namespace ox
