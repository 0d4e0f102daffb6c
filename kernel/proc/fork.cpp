// clone(2): fork and vfork.
#include "arch/riscv/switch.h"
#include "hub/kernel.h"
#include "jobs/groups.h"
#include "sched/scheduler.h"
#include "signal/deliver.h"

namespace ox {

namespace {

void copy_registers(Process& self, Process& child, std::uint64_t stack) {
  TrapFrame& frame = child.frame();
  fp_save_if_dirty(self.thread.fp, self.frame().sstatus);
  child.thread.fp = self.thread.fp;
  frame = self.frame();
  frame.a(0) = 0;  // fork() returns 0 in the child
  if (stack != 0) frame.sp() = stack;
  child.thread.user_sstatus = &frame.sstatus;
}

// Sleeps until the child has given the space back (Linux: wait_for_vfork_done). Signals stay pending meanwhile;
// unlike on Linux, SIGKILL does too.
void wait_for_space(Process& self) {
  LockGuard guard(self.family_lock);
  while (!self.space) (void)self.kernel.scheduler.sleep(self.thread, self.family_lock, Wake::by_condition_only);
  self.space->activate();  // needed if the space came back before this thread was switched out
}

void lend_space(Process& self, Process& child) {
  write_satp(self.kernel.memory.kernel_root);
  child.adopt_space(std::move(*self.space));
  child.tell_move();
  child.borrowed_space = true;
  self.thread.space = nullptr;
  self.space.reset();
}

}  // namespace

void first_steps(Process& self) {
  self.kernel.scheduler.finish_switch();
  if (self.child_tid_address != 0) {
    // As on Linux, an address that cannot be written is no error.
    (void)self.space->write_user(VirtAddr(self.child_tid_address), self.pid);
  }
  act_on_signals(self);
}

Result<int> clone_process(Process& self, bool lend, std::uint64_t stack, std::uint64_t child_tid_address) {
  Kernel& kernel = self.kernel;
  Ref<Process> child = TRY(Process::create(kernel));
  const int pid = child->pid;
  child->child_tid_address = child_tid_address;
  TRY(child->files.copy(self.files));
  static_cast<Inherited&>(*child) = self;
  copy_signals(self, *child);
  copy_registers(self, *child, stack);
  {
    LockGuard guard(child->parent_lock);
    child->parent = Ref<Process>::share(self);
  }
  // From here on the child receives signals itself, so a later signal need not make the clone start again.
  TRY(kernel.groups.bear(child, self));
  if (!lend) {
    Result<AddressSpace> space = self.space->fork(kernel.memory.mode.load(relaxed), pid);
    if (!space) return kernel.groups.forget(*child), space.error();
    child->adopt_space(std::move(*space));
  }
  {
    LockGuard guard(self.family_lock);
    self.children.push_back(*child);
  }
  if (lend) lend_space(self, *child);
  kernel.scheduler.add(child->thread);
  if (lend) wait_for_space(self);
  return pid;
}

}  // namespace ox
