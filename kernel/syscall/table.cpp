// Every system call there is, by Linux's numbers.
#include <array>

#include "syscall/call.h"

namespace ox {

namespace {

using Function = Answer (*)(Call&);

struct Entry {
  unsigned number;  // asm-generic/unistd.h
  Function function;
};

constexpr Entry entries[] = {
    // Processes
    {220, sys_clone},
    {221, sys_execve},
    {93, sys_exit},
    {94, sys_exit},
    {260, sys_wait4},
    {129, sys_kill},
    {131, sys_tgkill},
    {172, sys_getpid},
    {178, sys_getpid},
    {173, sys_getppid},
    {96, sys_getpid},  // the address matters to threads only
    {124, sys_sched_yield},
    {261, sys_prlimit64},
    // Memory
    {214, sys_brk},
    {222, sys_mmap},
    {215, sys_munmap},
    {226, sys_mprotect},
    // Files
    {56, sys_openat},
    {57, sys_close},
    {63, sys_read},
    {64, sys_write},
    {66, sys_writev},
    {62, sys_lseek},
    {29, sys_ioctl},
    {80, sys_fstat},
    {79, sys_newfstatat},
    {78, sys_readlinkat},
    {23, sys_dup},
    {24, sys_dup3},
    {59, sys_pipe2},
    // Time and the machine
    {101, sys_nanosleep},
    {115, sys_clock_nanosleep},
    {113, sys_clock_gettime},
    {160, sys_uname},
    {179, sys_sysinfo},
    {278, sys_getrandom},
    {142, sys_reboot},
    // ENOSYS is the right answer to what libc asks at its start and does without: set_robust_list, riscv_hwprobe, rseq
    {99, sys_absent},
    {258, sys_absent},
    {293, sys_absent},
};

constexpr std::size_t table_size = 512;

constexpr std::array<Function, table_size> table = [] {
  std::array<Function, table_size> by_number{};
  for (const Entry& entry : entries) by_number[entry.number] = entry.function;
  return by_number;
}();

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
