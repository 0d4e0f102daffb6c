// How a process ends: exit, and the zombie.
#include "abi/process.h"
#include "proc/kernel.h"

namespace ox {

namespace {

// Orphans become init's children.
void leave_family(Process& self) {
  Kernel& kernel = self.kernel;
  Process& init = *kernel.init;
  if (self.parent_now()->keeps_from_being_orphaned(self)) kernel.hang_up_orphans(self.pgid.load(relaxed));
  LockGuard own(self.family_lock);
  LockGuard inits(init.family_lock);
  while (Process* const child = self.children.pop_front()) {
    {
      LockGuard guard(child->lock);
      child->parent = Ref<Process>::share(init);
    }
    init.children.push_back(*child);
    if (self.keeps_from_being_orphaned(*child)) kernel.hang_up_orphans(child->pgid.load(relaxed));
    if (child->news == abi::wexited) send_signal(init, abi::sigchld);
  }
  init.family_changed.wake_all();
}

void trace_exit(Process& self, std::uint64_t tables, std::uint64_t pages) {
  Memory& memory = self.kernel.memory;
  memory.tell([&] {
    const Counters& counters = memory.here();
    return Event{.kind = Event::Kind::exit,
                 .pid = self.pid,
                 .tables = static_cast<std::uint32_t>(counters.tables_freed.load(relaxed) - tables),
                 .pages = static_cast<std::uint32_t>(counters.pages_freed.load(relaxed) - pages)};
  });
}

}  // namespace

void give_up_space(Process& self) {
  self.thread.space = nullptr;
  write_satp(self.kernel.memory.kernel_root);
  if (!self.borrowed_space) return self.space.reset();
  // The lender cannot die: it sleeps until this.
  const Ref<Process> lender = self.parent_now();
  LockGuard guard(lender->family_lock);
  self.borrowed_space = false;
  lender->adopt_space(std::move(*self.space));
  lender->tell_move();
  self.space.reset();
  lender->family_changed.wake_all();
}

void exit_process(Process& self, std::int32_t wait_status) {
  self.wait_status = wait_status;
  self.exiting.store(true, relaxed);
  self.kernel.scheduler.cancel(self.alarm);
  if (self.sid.load(relaxed) == self.pid) self.kernel.terminal.leave(self.pid);
  self.files.close_all();
  drop_actions(self);
  self.cwd = {};
  self.executable = {};
  const Counters& counters = self.kernel.memory.here();
  const std::uint64_t tables = counters.tables_freed.load(relaxed);
  const std::uint64_t pages = counters.pages_freed.load(relaxed);
  give_up_space(self);
  trace_exit(self, tables, pages);
  if (&self == self.kernel.init) self.kernel.init_exited();
  leave_family(self);
  self.kernel.scheduler.exit();
}

void Kernel::reap(Thread& thread) {
  Process& self = *thread.process;
  thread.stack.free();
  if (!report_to_parent(self, abi::wexited, self.wait_status)) self.kernel.forget(self);
}

}  // namespace ox
