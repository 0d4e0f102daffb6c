// Job control for the terminal (fs/terminal.h): answers its questions from the groups and the process that runs.
#pragma once

#include "fs/terminal.h"
#include "jobs/groups.h"

namespace ox {

class TerminalJobs final : public JobControl {
 public:
  explicit TerminalJobs(Groups& groups) : groups_(groups) {}

  Caller caller() const override;
  bool group_is_in_session(int group, int session) const override { return groups_.is_in_session(group, session); }
  void signal_group(int group, int signal) override { (void)groups_.send(group, signal, {}); }
  Result<> background(int signal) override;

 private:
  Groups& groups_;
};

}  // namespace ox
