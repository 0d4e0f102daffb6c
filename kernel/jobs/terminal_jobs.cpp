#include "jobs/terminal_jobs.h"

namespace ox {

JobControl::Caller TerminalJobs::caller() const {
  const Process& self = Process::current();
  return {.pid = self.pid, .group = self.pgid.load(relaxed), .session = self.sid.load(relaxed)};
}

Result<> TerminalJobs::background(int signal) {
  Process& self = Process::current();
  bool refused = false;
  {
    const LockGuard guard(self.signals.lock);
    refused = (self.signals.blocked & signal_bit(signal)) != 0 || self.signals.ignores(self, signal);
  }
  if (refused && signal == abi::sigttou) return {};
  if (refused || groups_.is_orphaned(self)) return Errno::eio;
  signal_group(self.pgid.load(relaxed), signal);
  return Errno::erestart;
}

}  // namespace ox
