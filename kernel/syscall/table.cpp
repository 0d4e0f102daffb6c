// Every system call there is, by Linux's numbers.
#include <array>

#include "abi/syscall.h"
#include "syscall/call.h"

namespace ox {

namespace {

using Function = Answer (*)(Call&);

constexpr std::size_t table_size = 512;

constexpr std::array<Function, table_size> make_table() {
  using enum abi::Syscall;
  std::array<Function, table_size> table{};
  const auto set = [&](abi::Syscall number, Function function) { table[static_cast<std::size_t>(number)] = function; };
  // Processes
  set(clone, sys_clone);
  set(execve, sys_execve);
  set(exit, sys_exit);
  set(exit_group, sys_exit);
  set(wait4, sys_wait4);
  set(kill, sys_kill);
  set(tgkill, sys_tgkill);
  set(getpid, sys_getpid);
  set(gettid, sys_getpid);
  set(getppid, sys_getppid);
  set(set_tid_address, sys_getpid);  // the address matters to threads only
  set(sched_yield, sys_sched_yield);
  set(prlimit64, sys_prlimit64);
  // Memory
  set(brk, sys_brk);
  set(mmap, sys_mmap);
  set(munmap, sys_munmap);
  set(mprotect, sys_mprotect);
  // Files
  set(openat, sys_openat);
  set(close, sys_close);
  set(read, sys_read);
  set(write, sys_write);
  set(writev, sys_writev);
  set(lseek, sys_lseek);
  set(ioctl, sys_ioctl);
  set(fstat, sys_fstat);
  set(newfstatat, sys_newfstatat);
  set(readlinkat, sys_readlinkat);
  set(dup, sys_dup);
  set(dup3, sys_dup3);
  set(pipe2, sys_pipe2);
  // Time and the machine
  set(nanosleep, sys_nanosleep);
  set(clock_nanosleep, sys_clock_nanosleep);
  set(clock_gettime, sys_clock_gettime);
  set(uname, sys_uname);
  set(sysinfo, sys_sysinfo);
  set(getrandom, sys_getrandom);
  set(reboot, sys_reboot);
  return table;
}

constexpr std::array<Function, table_size> table = make_table();

}  // namespace

void serve_system_call(Process& self) {
  TrapFrame& frame = self.frame();
  const std::uint64_t number = frame.a(7);
  Call call{self.kernel, self, frame};
  Answer answer = Errno::enosys;
  if (number < table.size() && table[number] != nullptr) {
    answer = table[number](call);
  } else {
    self.kernel.note_unknown_call(number, self.pid);
  }
  frame.a(0) = answer ? *answer : static_cast<std::uint64_t>(-static_cast<std::int64_t>(answer.error()));
}

}  // namespace ox
