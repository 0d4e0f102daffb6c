// Process groups and sessions (setpgid(2), setsid(2)), and the signals that go to a whole group.
//
// A group's number is the pid of its leader, and the leader's record has the list of members. So that record stays, and
// its pid stays taken, until the last member has been waited for.
//
// Owns: nothing; the pid table owns the processes. Locks: `lock` guards the members of groups and sessions. Fails: with
// the errors below; nothing needs memory.
#pragma once

#include "lib/result.h"
#include "proc/process.h"

namespace ox {

class PidTable;

class Groups {
 public:
  explicit Groups(PidTable& pids) : pids_(pids) {}

  // Puts a new child into its parent's group and into the table of pids. Errno::erestart_always if the parent has a
  // pending signal: it may have gone to the group or to all processes, and the child must not escape it.
  Result<> bear(const Ref<Process>& child, const Process& parent);
  // No wait can find `process` any more. Frees its pid, unless the group of that number still has members.
  void forget(Process& process);

  // setpgid(2) and setsid(2), with their errors.
  Result<> set_group(Process& self, int pid, int pgid);
  Result<> new_session(Process& self);

  // Sends `signal` to all members; signal 0 only checks that the group exists. Errno::esrch: there is no such group.
  Result<> send(int pgid, int signal, const SigInfo& info);
  bool is_in_session(int pgid, int session) const;
  // Whether the group of `process` is orphaned (POSIX): no parent in the session could continue it if it stopped.
  bool is_orphaned(const Process& process);
  // If the group is orphaned and a member is stopped, sends SIGHUP and SIGCONT to all members (POSIX: _exit).
  void hang_up_orphans(int pgid);

  mutable SpinLock lock{LockRank::groups};
  Mutex births;  // held while a signal goes to all processes one by one, so that none is born meanwhile

 private:
  Process* find(int pgid) const REQUIRES(lock);
  void move(Process& process, int pgid, int sid) REQUIRES(lock);
  void leave(Process& process) REQUIRES(lock);
  void send_to_members(const Process& leader, int signal, const SigInfo& info = {}) REQUIRES(lock);

  PidTable& pids_;
};

// Whether `parent` keeps `child`'s group from being orphaned: it is not init, and it is in another group of the same
// session. The caller holds Groups::lock, or is itself the parent.
bool keeps_from_being_orphaned(const Process& parent, const Process& child);

}  // namespace ox
