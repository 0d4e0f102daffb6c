// Process groups and sessions, and what the terminal asks of them (fs/terminal.h).
//
// A group hangs on the record of the process whose number it has; so that record stays, and the number taken, until the
// last member has been waited for. All of it is guarded by `groups`.
#include "abi/process.h"
#include "proc/kernel.h"

namespace ox {

// Init does not count: it takes orphans, it does not wait to continue them.
bool Process::keeps_from_being_orphaned(const Process& child) const {
  return this != kernel.init && pgid.load(relaxed) != child.pgid.load(relaxed) &&
         sid.load(relaxed) == child.sid.load(relaxed);
}

namespace {

// Linux: is_current_pgrp_orphaned.
bool is_orphan(const Process& group) {
  for (Process* member = group.members.front(); member != nullptr; member = group.members.after(*member)) {
    const LockGuard guard(member->lock);
    const bool held = member->parent && member->parent->keeps_from_being_orphaned(*member);
    if (held && !member->exiting.load(relaxed)) return false;
  }
  return true;
}

}  // namespace

// Null: no such group.
Process* Kernel::group(int pgid) const {
  Process* const leader = pids.record(pgid);
  return leader == nullptr || leader->members.empty() ? nullptr : leader;
}

// Linux: copy_process, under tasklist_lock.
Result<> Kernel::bear(const Ref<Process>& child, const Process& parent) {
  const LockGuard nobody_sends_to_all(births);
  const LockGuard guard(groups);
  if (parent.thread.interrupt.load(relaxed)) return Errno::erestart_always;
  move_to_group(*child, parent.pgid.load(relaxed), parent.sid.load(relaxed));
  pids.insert(child);
  return {};
}

void Kernel::move_to_group(Process& process, int pgid, int sid) {
  leave_group(process);
  process.pgid.store(pgid, relaxed);
  process.sid.store(sid, relaxed);
  pids.record(pgid)->members.push_back(process);
}

void Kernel::leave_group(Process& process) {
  if (!process.group_hook.linked) return;
  Process* const leader = pids.record(process.pgid.load(relaxed));
  leader->members.remove(process);
  if (leader->members.empty() && leader->forgotten.load(relaxed)) pids.remove(leader->pid);
}

void Kernel::forget(Process& process) {
  const LockGuard guard(groups);
  leave_group(process);
  process.forgotten.store(true, relaxed);
  if (process.members.empty()) pids.remove(process.pid);
}

Result<> Kernel::set_group(Process& self, int pid, int pgid) {
  if (pid == 0) pid = self.pid;
  if (pgid == 0) pgid = pid;
  if (pgid < 0) return Errno::einval;
  const Ref<Process> process = pids.find(pid);
  if (!process) return Errno::esrch;
  const LockGuard guard(groups);
  const int sid = self.sid.load(relaxed);
  if (process.get() != &self) {
    if (process->parent_now().get() != &self) return Errno::esrch;
    if (process->sid.load(relaxed) != sid) return Errno::eperm;
    if (process->has_execed.load(relaxed)) return Errno::eacces;
  }
  if (process->sid.load(relaxed) == pid) return Errno::eperm;
  if (pgid == process->pgid.load(relaxed)) return {};
  if (pgid != pid) {
    const Process* const there = group(pgid);
    if (there == nullptr || there->members.front()->sid.load(relaxed) != sid) return Errno::eperm;
  }
  move_to_group(*process, pgid, sid);
  return {};
}

Result<> Kernel::new_session(Process& self) {
  const LockGuard guard(groups);
  if (group(self.pid) != nullptr) return Errno::eperm;
  move_to_group(self, self.pid, self.pid);
  return {};
}

bool Kernel::orphaned(const Process& process) {
  const LockGuard guard(groups);
  return is_orphan(*group(process.pgid.load(relaxed)));
}

void Kernel::hang_up_orphans(int pgid) {
  const LockGuard guard(groups);
  const Process* const leader = group(pgid);
  if (leader == nullptr || !is_orphan(*leader)) return;
  bool stopped = false;
  for (Process* member = leader->members.front(); member != nullptr; member = leader->members.after(*member)) {
    stopped |= member->signals.stopped.load(relaxed) != 0;
  }
  if (!stopped) return;
  send_to_members(*leader, abi::sighup);
  send_to_members(*leader, abi::sigcont);
}

void Kernel::send_to_members(const Process& leader, int signal, const SigInfo& info) {
  for (Process* member = leader.members.front(); member != nullptr; member = leader.members.after(*member)) {
    send_signal(*member, signal, info);
  }
}

bool Kernel::send_to_group(int pgid, int signal, const SigInfo& info) {
  const LockGuard guard(groups);
  const Process* const leader = group(pgid);
  if (leader != nullptr && signal != 0) send_to_members(*leader, signal, info);
  return leader != nullptr;
}

JobControl::Caller Kernel::caller() const {
  const Process& self = Process::current();
  return {.pid = self.pid, .group = self.pgid.load(relaxed), .session = self.sid.load(relaxed)};
}

bool Kernel::group_is_in_session(int pgid, int session) const {
  const LockGuard guard(groups);
  const Process* const leader = group(pgid);
  return leader != nullptr && leader->members.front()->sid.load(relaxed) == session;
}

void Kernel::signal_group(int pgid, int signal) { (void)send_to_group(pgid, signal, {}); }

Result<> Kernel::background(int signal) {
  Process& self = Process::current();
  bool refused = false;
  {
    const LockGuard guard(self.signals.lock);
    refused = (self.signals.blocked & signal_bit(signal)) != 0 || self.signals.ignores(self, signal);
  }
  if (refused && signal == abi::sigttou) return {};
  if (refused || orphaned(self)) return Errno::eio;
  signal_group(self.pgid.load(relaxed), signal);
  return Errno::erestart;
}

}  // namespace ox
