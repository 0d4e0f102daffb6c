// exit(2) and wait(2): how a process ends, and how its parent learns that a child has ended, stopped or continued.
#include "audit/audit.h"
#include "dev/console.h"
#include "fs/terminal.h"
#include "hub/kernel.h"
#include "jobs/groups.h"
#include "proc/pid_table.h"
#include "proc/process.h"
#include "sched/scheduler.h"

namespace ox {

namespace {

// Gives the children to init, and hangs up stopped groups that this exit orphans.
void leave_family(Process& self) {
  Kernel& kernel = self.kernel;
  Process& init = *kernel.init;
  if (keeps_from_being_orphaned(*self.parent_now(), self)) kernel.groups.hang_up_orphans(self.pgid.load(relaxed));
  LockGuard own_guard(self.family_lock);
  if (self.children.front() == nullptr) return;  // mostly; otherwise every exit would wait for init's lock
  LockGuard init_guard(init.family_lock);
  while (Process* const child = self.children.pop_front()) {
    {
      LockGuard guard(child->parent_lock);
      child->parent = Ref<Process>::share(init);
    }
    init.children.push_back(*child);
    if (keeps_from_being_orphaned(self, *child)) kernel.groups.hang_up_orphans(child->pgid.load(relaxed));
    if (child->news == abi::wexited) send_signal(init, abi::sigchld);
    let_interrupts_in();
  }
  kernel.scheduler.wake(init.thread);
}

// The news that wait may report of a child. WCONTINUED counts from the moment that SIGCONT is sent (Linux:
// prepare_signal), and stays even if the child ends before the parent waits.
std::uint32_t news_of(const Process& child) {
  if (!child.signals.was_continued.load(relaxed)) return child.news;
  return abi::wcontinued | (child.news & abi::wexited);
}

// The child with that pid. Null: there is none.
Process* child_with(Process& self, int pid) REQUIRES(self.family_lock) {
  Process* const oldest = self.children.front();
  if (oldest != nullptr && oldest->pid == pid) return oldest;  // mostly the only one
  const Ref<Process> found = self.kernel.pids.find(pid);
  const bool is_child = found && found->parent_now().get() == &self && found->family_hook.linked;
  return is_child ? found.get() : nullptr;  // nobody but `self` can reap it
}

// A child with news that `options` ask for; `children` is as in wait_for_child(). Null: none has news yet.
Result<Process*> find_news(Process& self, int children, std::uint32_t options) REQUIRES(self.family_lock) {
  if (children > 0) {
    Process* const child = child_with(self, children);
    if (child == nullptr) return Errno::echild;
    if ((news_of(*child) & options) != 0) return child;
    if (child->news == abi::wexited) return Errno::echild;
    return nullptr;
  }
  bool any = false;
  for (Process* child = self.children.front(); child != nullptr; child = self.children.after(*child)) {
    if (children != 0 && children != -child->pgid.load(relaxed)) continue;
    if ((news_of(*child) & options) != 0) return child;
    any = any || child->news != abi::wexited;  // a child that has ended will have no other news
  }
  if (!any) return Errno::echild;
  return nullptr;
}

// Takes the family_lock of the present parent. While it is held nobody can reap the child, and the child's reference
// keeps the parent alive.
Process& lock_family_of_parent(Process& self) NO_THREAD_SAFETY_ANALYSIS {
  for (;;) {
    const Ref<Process> parent = self.parent_now();
    parent->family_lock.acquire();
    if (self.parent_now() == parent) return *parent;
    parent->family_lock.release();  // the parent has exited meanwhile, and init is the parent now
  }
}

// Ends the machine with init's status.
[[noreturn]] void end_with_init(const Process& init) {
  const std::int32_t status = init.wait_status;
  if (!abi::exited(status)) init.kernel.console.log("init was killed by signal {}", abi::killing_signal(status));
  init.kernel.audit.end(abi::shell_status(status));
}

}  // namespace

void give_up_space(Process& self) {
  self.thread.space = nullptr;
  write_satp(self.kernel.memory.kernel_root);
  if (!self.borrowed_space) return self.space.reset();
  // The lender cannot exit before: it sleeps in wait_for_space() until it has its space back.
  const Ref<Process> lender = self.parent_now();
  self.borrowed_space = false;
  {
    LockGuard guard(lender->family_lock);
    lender->adopt_space(std::move(*self.space));
    lender->tell_move();
  }
  self.space.reset();
  self.kernel.scheduler.wake(lender->thread);
}

void exit_process(Process& self, std::int32_t wait_status) {
  self.wait_status = wait_status;
  self.exiting.store(true, relaxed);
  self.kernel.scheduler.cancel(self.alarm);
  if (self.sid.load(relaxed) == self.pid) self.kernel.terminal.leave(self.pid);
  self.files.close_all();
  drop_signals(self);
  self.cwd = {};
  self.program = {};
  const Counters& counters = self.kernel.memory.trace.here();
  const std::uint64_t tables = counters.tables_freed.load(relaxed);
  const std::uint64_t pages = counters.pages_freed.load(relaxed);
  give_up_space(self);
  self.kernel.memory.trace.event({.kind = Event::Kind::exit,
                                  .pid = self.pid,
                                  .tables = static_cast<std::uint32_t>(counters.tables_freed.load(relaxed) - tables),
                                  .pages = static_cast<std::uint32_t>(counters.pages_freed.load(relaxed) - pages)});
  if (&self == self.kernel.init) end_with_init(self);
  leave_family(self);
  self.kernel.scheduler.exit();
}

void kill_for_memory(Process& self) {
  self.kernel.console.log("out of memory: pid {} is killed", self.pid);
  exit_process(self, abi::status_killed(abi::sigkill));
}

void reap_process(Thread& thread) {
  Process& self = *thread.process;
  thread.stack.free();
  if (!report_to_parent(self, abi::wexited, self.wait_status)) self.kernel.groups.forget(self);
}

SigInfo child_info(int pid, std::int32_t status) {
  const auto info = [&](std::int32_t code, std::int32_t what) {
    return SigInfo{.code = code, .first = static_cast<std::uint64_t>(pid), .second = static_cast<std::uint32_t>(what)};
  };
  if (status == abi::status_continued) return info(abi::cld_continued, abi::sigcont);
  if (abi::stopped(status)) return info(abi::cld_stopped, abi::exit_code(status));
  if (abi::exited(status)) return info(abi::cld_exited, abi::exit_code(status));
  return info(abi::cld_killed, abi::killing_signal(status));
}

bool report_to_parent(Process& self, std::uint32_t news, std::int32_t status) NO_THREAD_SAFETY_ANALYSIS {
  Process& parent = lock_family_of_parent(self);
  const abi::sigaction action = action_of(parent, abi::sigchld);
  const bool ended = news == abi::wexited;
  const bool unwanted = ended && (action.sa_handler == abi::sig_ign || (action.sa_flags & abi::sa_nocldwait) != 0);
  if (unwanted) parent.children.remove(self);
  self.news = news & ~abi::wcontinued;
  self.news_status = status;
  if (ended || (action.sa_flags & abi::sa_nocldstop) == 0) {
    (void)post_signal(parent, abi::sigchld, child_info(self.pid, status));
  }
  self.kernel.scheduler.wake(parent.thread, &parent.family_lock);  // the parent may reap `self` before this returns
  return !unwanted;
}

Result<ChildReport> wait_for_child(Process& self, int children, std::uint32_t options) {
  Process* child = nullptr;
  ChildReport report;
  {
    LockGuard guard(self.family_lock);
    while ((child = TRY(find_news(self, children, options))) == nullptr) {
      if ((options & abi::wnohang) != 0) return report;
      TRY(self.kernel.scheduler.sleep(self.thread, self.family_lock, Wake::by_signals_too));
    }
    const std::uint32_t news = news_of(*child) & options;
    const bool continued = news == abi::wcontinued;
    report = {
        .pid = child->pid, .status = continued ? abi::status_continued : child->news_status, .usage = child->usage()};
    if ((options & abi::wnowait) != 0) return report;
    if (continued) child->signals.was_continued.store(false, relaxed);
    if ((news & abi::wexited) == 0) {
      child->news &= abi::wexited;  // the stop is reported, or a continue has made it old
      return report;
    }
    self.children.remove(*child);
  }
  self.children_usage += report.usage;
  self.kernel.groups.forget(*child);
  return report;
}

}  // namespace ox
