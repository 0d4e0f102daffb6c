#include "proc/process.h"

#include <algorithm>

#include "arch/riscv/switch.h"
#include "hub/kernel.h"
#include "proc/pid_table.h"

namespace ox {

Process::Process(Kernel& its_kernel, int its_pid)
    : FamilyMember(its_pid == 1),
      kernel(its_kernel),
      pid(its_pid),
      thread(its_kernel.scheduler, this, its_pid),
      files(its_kernel.slabs) {}

Result<Ref<Process>> Process::create(Kernel& kernel) {
  const int pid = TRY(kernel.pids.reserve());
  const Result<Process*> made = kernel.slabs.make<Process>(kernel, pid);
  if (!made) {
    kernel.pids.free(pid);
    return made.error();
  }
  Ref<Process> process = Ref<Process>::adopt(*made);
  Thread& thread = process->thread;
  TRY(thread.stack.alloc(kernel.memory, PidTable::slot_number(pid)));
  thread.context.ra = reinterpret_cast<std::uint64_t>(&enter_new_process);
  thread.context.sp = reinterpret_cast<std::uint64_t>(&process->frame());
  return process;
}

void Process::destroy(Process* process) {
  Kernel& kernel = process->kernel;
  const int pid = process->pid;
  Slabs::destroy(process);
  kernel.pids.free(pid);
}

Ref<Process> Process::parent_now() {
  const LockGuard guard(parent_lock);
  return parent;
}

void Process::set_name(std::string_view its_name) {
  name = {};
  std::ranges::copy(its_name.substr(0, name.size() - 1), name.begin());
}

void Process::adopt_space(AddressSpace&& its_space) {
  space.emplace(std::move(its_space));
  space->set_pid(pid);
  thread.space = &*space;
}

void Process::tell_move() const {
  kernel.memory.trace.event({.kind = Event::Kind::move, .pid = pid, .frame = space->tree().root()});
}

}  // namespace ox
