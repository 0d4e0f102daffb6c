#include "jobs/groups.h"

#include "hub/kernel.h"
#include "proc/pid_table.h"

namespace ox {

// Init does not count as a parent here: it adopts orphans, but it would never continue a stopped job.
bool keeps_from_being_orphaned(const Process& parent, const Process& child) {
  return &parent != parent.kernel.init && parent.pgid.load(relaxed) != child.pgid.load(relaxed) &&
         parent.sid.load(relaxed) == child.sid.load(relaxed);
}

namespace {

// Whether no member has a parent in another group of the session (POSIX: orphaned process group; Linux:
// is_current_pgrp_orphaned).
bool is_orphan(const Process& group) {
  for (Process* member = group.members.front(); member != nullptr; member = group.members.after(*member)) {
    const LockGuard guard(member->parent_lock);
    const bool held = member->parent && keeps_from_being_orphaned(*member->parent, *member);
    if (held && !member->exiting.load(relaxed)) return false;
  }
  return true;
}

}  // namespace

// The process whose record has the group's members, alive or not. Null: there is no such group.
Process* Groups::find(int pgid) const {
  Process* const leader = pids_.record(pgid);
  return leader == nullptr || leader->members.empty() ? nullptr : leader;
}

// Linux: copy_process, under tasklist_lock.
Result<> Groups::bear(const Ref<Process>& child, const Process& parent) {
  const LockGuard births_guard(births);
  const LockGuard guard(lock);
  if (parent.thread.interrupt.load(relaxed)) return Errno::erestart_always;
  move(*child, parent.pgid.load(relaxed), parent.sid.load(relaxed));
  pids_.insert(child);
  return {};
}

void Groups::move(Process& process, int pgid, int sid) {
  leave(process);
  process.pgid.store(pgid, relaxed);
  process.sid.store(sid, relaxed);
  pids_.record(pgid)->members.push_back(process);
}

void Groups::leave(Process& process) {
  if (!process.group_hook.linked) return;
  Process* const leader = pids_.record(process.pgid.load(relaxed));
  leader->members.remove(process);
  if (leader->members.empty() && leader->forgotten.load(relaxed)) pids_.remove(leader->pid);
}

// The record may stay long, for the group of its number. It gives up its parent's now: otherwise it would keep the
// records of all its ancestors, and they would be destroyed one within the other.
void Groups::forget(Process& process) {
  Ref<Process> parent;  // dropped after the lock is released
  const LockGuard guard(lock);
  leave(process);
  process.forgotten.store(true, relaxed);
  {
    const LockGuard parent_guard(process.parent_lock);
    std::swap(parent, process.parent);
  }
  if (process.members.empty()) pids_.remove(process.pid);
}

Result<> Groups::set_group(Process& self, int pid, int pgid) {
  if (pid == 0) pid = self.pid;
  if (pgid == 0) pgid = pid;
  if (pgid < 0) return Errno::einval;
  const LockGuard guard(lock);  // nobody can forget the process from here on
  const Ref<Process> process = pids_.find(pid);
  if (!process) return Errno::esrch;
  const int sid = self.sid.load(relaxed);
  if (process.get() != &self) {
    if (process->parent_now().get() != &self) return Errno::esrch;
    if (process->sid.load(relaxed) != sid) return Errno::eperm;
    if (process->has_execed.load(relaxed)) return Errno::eacces;
  }
  if (process->sid.load(relaxed) == pid) return Errno::eperm;
  if (pgid == process->pgid.load(relaxed)) return {};
  if (pgid != pid) {
    const Process* const leader = find(pgid);
    if (leader == nullptr || leader->members.front()->sid.load(relaxed) != sid) return Errno::eperm;
  }
  move(*process, pgid, sid);
  return {};
}

Result<> Groups::new_session(Process& self) {
  const LockGuard guard(lock);
  if (find(self.pid) != nullptr) return Errno::eperm;
  move(self, self.pid, self.pid);
  return {};
}

bool Groups::is_orphaned(const Process& process) {
  const LockGuard guard(lock);
  return is_orphan(*find(process.pgid.load(relaxed)));
}

void Groups::hang_up_orphans(int pgid) {
  const LockGuard guard(lock);
  const Process* const leader = find(pgid);
  if (leader == nullptr || !is_orphan(*leader)) return;
  bool stopped = false;
  for (Process* member = leader->members.front(); member != nullptr; member = leader->members.after(*member)) {
    stopped |= member->signals.stopped.load(relaxed) != 0;
  }
  if (!stopped) return;
  send_to_members(*leader, abi::sighup);
  send_to_members(*leader, abi::sigcont);
}

void Groups::send_to_members(const Process& leader, int signal, const SigInfo& info) {
  for (Process* member = leader.members.front(); member != nullptr; member = leader.members.after(*member)) {
    send_signal(*member, signal, info);
  }
}

Result<> Groups::send(int pgid, int signal, const SigInfo& info) {
  const LockGuard guard(lock);
  const Process* const leader = find(pgid);
  if (leader == nullptr) return Errno::esrch;
  if (signal != 0) send_to_members(*leader, signal, info);
  return {};
}

bool Groups::is_in_session(int pgid, int session) const {
  const LockGuard guard(lock);
  const Process* const leader = find(pgid);
  return leader != nullptr && leader->members.front()->sid.load(relaxed) == session;
}

}  // namespace ox
