// The first process.
#include "proc/init.h"

#include "audit/audit.h"
#include "dev/console.h"
#include "fs/file_system.h"
#include "hub/options.h"
#include "jobs/groups.h"
#include "proc/pid_table.h"
#include "sched/scheduler.h"

namespace ox {

namespace {

// Writes init's arguments into its own memory, in the form that execve(2) takes: two pages of pointers, the last one
// followed by 0, then the strings.
Result<> give_arguments(AddressSpace& space, const Options& options) {
  constexpr std::uint64_t room = 2 * page_size;  // for more words than fit on the command line
  TRY(space.map({user_start, user_start + 2 * room}, {.read = true, .write = true}, RegionKind::mapping));
  VirtAddr pointer = user_start;
  VirtAddr string = user_start + room;
  std::string_view rest = options.init_arguments;
  for (std::optional word = options.init; word; word = take_argument(rest)) {
    TRY(space.write_user(pointer, string));
    TRY(space.copy_out(string, std::as_bytes(std::span(*word))));
    pointer = pointer + sizeof(string);
    string = string + word->size() + 1;
  }
  return {};
}

Result<void, Refusal> make_init(Kernel& kernel) {
  Ref<Process> made = TRY(Process::create(kernel));
  Process& self = *made;
  kernel.init = &self;
  this_hart().current = &self.thread;  // until Scheduler::run(), boot acts as this process
  kernel.pids.insert(made);
  TRY(kernel.groups.new_session(self));
  kernel.audit.init_is_made();
  self.cwd = kernel.fs.root();
  const Ref<File> console = TRY(kernel.fs.open({"/dev/console", self.cwd}, abi::o_rdwr));
  for (int fd = 0; fd < 3; ++fd) TRY(self.files.add(console, false, 0, FdTable::capacity));
  self.adopt_space(TRY(AddressSpace::create(kernel.memory, self.pid)));
  TRY(give_arguments(*self.space, kernel.options));
  return exec_process(self, kernel.options.init, user_start, VirtAddr());
}

const char* explain(Errno error) {
  if (error == Errno::enoent) return "no such file in the initramfs; put it there, or name another with init=PATH";
  if (error == Errno::eacces) return "not an executable file; make it one (chmod +x), or name another with init=PATH";
  if (error == Errno::enomem) return "not enough memory; give the machine more (qemu -m)";
  return "cannot be started; name another program with init=PATH";
}

}  // namespace

bool start_init(Kernel& kernel) {
  const auto made = make_init(kernel);
  if (!made) {
    const Refusal& refusal = made.error();
    kernel.console.log("{}: {}", kernel.options.init,
                       refusal.reason != nullptr ? refusal.reason : explain(refusal.error));
    return false;
  }
  kernel.audit.init_starts();
  kernel.scheduler.add(kernel.init->thread);
  return true;
}

}  // namespace ox
