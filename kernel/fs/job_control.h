// What a terminal asks of the processes: who calls, whom a signal goes to. proc/ implements it.
#pragma once

#include "lib/result.h"

namespace ox {

class JobControl {
 public:
  // Whose system call is being served.
  struct Caller {
    int pid = 0;
    int group = 0;
    int session = 0;
  };
  virtual Caller caller() const = 0;
  virtual bool group_is_in_session(int group, int session) const = 0;

  // To every process of the group, if there is one. Never sleeps; called from interrupts too, with no lock held.
  virtual void signal_group(int group, int signal) = 0;
  // The caller's group is in the background of its own session's terminal, and reads (SIGTTIN) or changes something or
  // writes (SIGTTOU). If it blocks or ignores the signal: Errno::eio for SIGTTIN, success for SIGTTOU. If the group is
  // an orphan: Errno::eio. Else the signal goes to the group, and the answer is Errno::erestart. (Linux:
  // __tty_check_change.)
  virtual Result<> background(int signal) = 0;

 protected:
  ~JobControl() = default;
};

}  // namespace ox
