// How a process ends: exit, the zombie, and wait.
#include "proc/kernel.h"

namespace ox {

namespace {

Ref<Process> parent_of(Process& child) {
  LockGuard guard(child.lock);
  return child.parent;
}

void adopt_all(Process& init, List<Process, &Process::family_hook>& from, List<Process, &Process::family_hook>& to) {
  while (Process* const child = from.pop_front()) {
    LockGuard guard(child->lock);
    child->parent = Ref<Process>::share(init);
    to.push_back(*child);
  }
}

// Orphans become init's children.
void leave_family(Process& self) {
  Process& init = *self.kernel.init;
  LockGuard own(self.family_lock);
  LockGuard inits(init.family_lock);
  adopt_all(init, self.children, init.children);
  adopt_all(init, self.zombies, init.zombies);
  init.family_changed.wake_all();
}

void trace_exit(Process& self, std::uint64_t tables, std::uint64_t pages) {
  Memory& memory = self.kernel.memory;
  if (memory.sink == nullptr) return;
  Counters& counters = memory.here();
  memory.sink->event({.kind = Event::Kind::exit,
                      .pid = self.pid,
                      .tables = static_cast<std::uint32_t>(counters.tables_freed.load(relaxed) - tables),
                      .pages = static_cast<std::uint32_t>(counters.pages_freed.load(relaxed) - pages)});
}

}  // namespace

void give_up_space(Process& self) {
  self.thread.space = nullptr;
  write_satp(self.kernel.memory.kernel_root);
  if (!self.borrowed_space) return self.space.reset();
  // The lender cannot die: it sleeps until this.
  const Ref<Process> lender = parent_of(self);
  LockGuard guard(lender->family_lock);
  self.borrowed_space = false;
  lender->adopt_space(std::move(*self.space));
  self.space.reset();
  lender->family_changed.wake_all();
}

void exit_process(Process& self, std::int32_t wait_status) {
  self.wait_status = wait_status;
  self.files.close_all();
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
  for (;;) {
    Ref<Process> parent = parent_of(self);
    Process& family = *parent;
    LockGuard guard(family.family_lock);
    if (parent_of(self) != parent) continue;  // it has died meanwhile and handed the child to init
    // The child's own reference keeps the parent from here on, and nothing is left to drop when others see the zombie.
    parent = {};
    family.children.remove(self);
    family.zombies.push_back(self);
    return family.family_changed.wake_all();
  }
}

namespace {

// A child that `pid` asks for, or nothing.
Process* find_child(List<Process, &Process::family_hook>& list, int pid) {
  Process* child = list.front();
  while (child != nullptr && pid != -1 && child->pid != pid) child = list.after(*child);
  return child;
}

}  // namespace

Result<DeadChild> wait_for_child(Process& self, int pid, bool block) {
  DeadChild dead;
  {
    LockGuard guard(self.family_lock);
    Process* child = find_child(self.zombies, pid);
    while (child == nullptr) {
      if (find_child(self.children, pid) == nullptr) return Errno::echild;
      if (!block) return dead;
      TRY(self.family_changed.sleep(self.family_lock));
      child = find_child(self.zombies, pid);
    }
    self.zombies.remove(*child);
    dead = {child->pid, child->wait_status};
  }
  self.kernel.pids.remove(dead.pid);
  return dead;
}

}  // namespace ox
