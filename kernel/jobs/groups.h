// Process groups and sessions (setpgid(2), setsid(2)), and the signals that go to a whole group.
//
// A group hangs on the record of the process whose number it has; so that record stays, and the number taken, until the
// last member has been waited for. Owns: nothing; processes are the table's. Locks: `lock` guards who is in which group
// and session. Fails: nothing needs memory.
#pragma once

#include "lib/result.h"
#include "proc/process.h"

namespace ox {

class PidTable;

class Groups {
 public:
  explicit Groups(PidTable& pids) : pids_(pids) {}

  // A new child joins its parent's group and is found by its pid, unless a signal waits for the parent: it may have
  // been sent to the group or to all, and the child must not escape it. Then Errno::erestart_always.
  Result<> bear(const Ref<Process>& child, const Process& parent);
  // `process` has been waited for; its number may be free.
  void forget(Process& process);

  // setpgid(2) and setsid(2), with their errors.
  Result<> set_group(Process& self, int pid, int pgid);
  Result<> new_session(Process& self);

  // Signal 0 only asks. Errno::esrch: no such group.
  Result<> send(int pgid, int signal, const SigInfo& info);
  bool is_in_session(int pgid, int session) const;
  // Whether nobody in the session could continue the process's group if it stopped.
  bool is_orphaned(const Process& process);
  // Members of a group that nobody can continue any more are not left stopped.
  void hang_up_orphans(int pgid);

  mutable SpinLock lock{LockRank::groups};
  Mutex births;  // nobody is born while a signal is sent to all, one after the other

 private:
  Process* find(int pgid) const REQUIRES(lock);
  void move(Process& process, int pgid, int sid) REQUIRES(lock);
  void leave(Process& process) REQUIRES(lock);
  void send_to_members(const Process& leader, int signal, const SigInfo& info = {}) REQUIRES(lock);

  PidTable& pids_;
};

// Whether `parent` keeps its child's group from being an orphan. The caller holds Groups::lock, or is the parent.
bool keeps_from_being_orphaned(const Process& parent, const Process& child);

}  // namespace ox
