// How a process ends: exit, the zombie, and wait.
#include "proc/kernel.h"

namespace ox {

namespace {

// The parent of `child`, its family_lock held while this lives.
class LockedParent {
 public:
  // A parent that dies meanwhile hands the child to init: look again.
  explicit LockedParent(Process& child) NO_THREAD_SAFETY_ANALYSIS {
    for (;;) {
      parent_ = parent_of(child);
      parent_->family_lock.acquire();
      if (parent_of(child) == parent_) return;
      parent_->family_lock.release();
    }
  }
  LockedParent(const LockedParent&) = delete;
  ~LockedParent() NO_THREAD_SAFETY_ANALYSIS { parent_->family_lock.release(); }
  Process* operator->() const { return parent_.get(); }

 private:
  static Ref<Process> parent_of(Process& child) {
    LockGuard guard(child.lock);
    return child.parent;
  }

  Ref<Process> parent_;
};

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
  if (&self == &init) return;
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
  const LockedParent parent(self);
  self.borrowed_space = false;
  parent->adopt_space(std::move(*self.space));
  self.space.reset();
  parent->family_changed.wake_all();
}

void exit_process(Process& self, std::int32_t wait_status) {
  if (&self == self.kernel.init) self.kernel.init_exited(wait_status);
  self.wait_status = wait_status;
  self.files.close_all();
  self.cwd = {};
  self.executable = {};
  const Counters& counters = self.kernel.memory.here();
  const std::uint64_t tables = counters.tables_freed.load(relaxed);
  const std::uint64_t pages = counters.pages_freed.load(relaxed);
  give_up_space(self);
  trace_exit(self, tables, pages);
  leave_family(self);
  self.kernel.scheduler.exit();
}

void Kernel::reap(Thread& thread) NO_THREAD_SAFETY_ANALYSIS {
  Process& self = *thread.process;
  self.thread.stack = {};
  const LockedParent parent(self);
  parent->children.remove(self);
  parent->zombies.push_back(self);
  parent->family_changed.wake_all();
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
  (void)self.kernel.pids.release(dead.pid);
  return dead;
}

}  // namespace ox
