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
    {95, sys_waitid},
    {154, sys_setpgid},
    {155, sys_getpgid},
    {156, sys_getsid},
    {157, sys_setsid},
    {172, sys_getpid},
    {178, sys_getpid},
    {173, sys_getppid},
    {96, sys_getpid},  // the address matters to threads only
    {124, sys_sched_yield},
    {261, sys_prlimit64},
    // Signals
    {129, sys_kill},
    {130, sys_tkill},
    {131, sys_tgkill},
    {132, sys_sigaltstack},
    {133, sys_rt_sigsuspend},
    {134, sys_rt_sigaction},
    {135, sys_rt_sigprocmask},
    {136, sys_rt_sigpending},
    {137, sys_rt_sigtimedwait},
    {138, sys_rt_sigqueueinfo},
    {139, sys_rt_sigreturn},
    // Memory
    {214, sys_brk},
    {222, sys_mmap},
    {215, sys_munmap},
    {226, sys_mprotect},
    // Descriptors
    {57, sys_close},
    {63, sys_read},
    {64, sys_write},
    {65, sys_readv},
    {66, sys_writev},
    {67, sys_pread64},
    {68, sys_pwrite64},
    {71, sys_sendfile},
    {62, sys_lseek},
    {61, sys_getdents64},
    {29, sys_ioctl},
    {80, sys_fstat},
    {46, sys_ftruncate},
    {47, sys_fallocate},
    {82, sys_fsync},
    {83, sys_fsync},  // fdatasync
    {81, sys_sync},
    {23, sys_dup},
    {24, sys_dup3},
    {25, sys_fcntl},
    {59, sys_pipe2},
    // Paths
    {56, sys_openat},
    {79, sys_newfstatat},
    {48, sys_faccessat},
    {439, sys_faccessat2},
    {78, sys_readlinkat},
    {34, sys_mkdirat},
    {33, sys_mknodat},
    {36, sys_symlinkat},
    {37, sys_linkat},
    {35, sys_unlinkat},
    {276, sys_renameat2},
    {45, sys_truncate},
    {52, sys_fchmod},
    {53, sys_fchmodat},
    {55, sys_fchown},
    {54, sys_fchownat},
    {88, sys_utimensat},
    {166, sys_umask},
    {49, sys_chdir},
    {50, sys_fchdir},
    {17, sys_getcwd},
    {43, sys_statfs},
    {44, sys_fstatfs},
    // Poll
    {73, sys_ppoll},
    {72, sys_pselect6},
    // Time
    {101, sys_nanosleep},
    {115, sys_clock_nanosleep},
    {128, sys_restart_syscall},
    {113, sys_clock_gettime},
    {114, sys_clock_getres},
    {169, sys_gettimeofday},
    {102, sys_getitimer},
    {103, sys_setitimer},
    {165, sys_getrusage},
    {153, sys_times},
    // The machine
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
  const std::uint64_t first = frame.a(0);
  Call call{self.kernel, self, frame};
  Answer answer = Errno::enosys;
  if (number < table.size() && table[number] != nullptr) {
    answer = table[number](call);
  } else {
    self.kernel.note_unknown_call(number, self.pid);
  }
  if (!answer && answer.error() >= Errno::erestart) [[unlikely]]
    return interrupt_call(self, answer.error(), first);
  frame.a(0) = answer ? *answer : static_cast<std::uint64_t>(-static_cast<std::int64_t>(answer.error()));
}

}  // namespace ox
