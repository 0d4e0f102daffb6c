#include "proc/process.h"

#include "proc/kernel.h"

namespace ox {

Process::Process(Kernel& its_kernel, int its_pid)
    : kernel(its_kernel),
      pid(its_pid),
      thread(its_kernel.scheduler, *this, its_pid),
      family_lock(its_pid == 1 ? LockRank::init_family : LockRank::family) {}

void Process::destroy(Process* process) { process->kernel.processes.destroy(process); }

Process& Process::current() { return *this_hart().current->process; }

void Process::adopt_space(AddressSpace&& its_space) {
  space.emplace(std::move(its_space));
  space->set_pid(pid);
  thread.space = &*space;
}

}  // namespace ox
