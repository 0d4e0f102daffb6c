// One system call: who makes it, with which arguments.
//
// A function answers with a value or an Errno, which reaches the user as -errno in a0. Memory that runs out in the
// middle of a copy to the user answers Errno::enomem too; the process then ends on its way out (rule 10).
#pragma once

#include <cstdint>

#include "abi/process.h"
#include "lib/result.h"
#include "proc/kernel.h"

namespace ox {

// A path in a page of its own: kernel stacks are too small for one.
struct PathPage {
  FrameRef page;
  std::string_view text;  // in it

  std::span<char> room() const { return {reinterpret_cast<char*>(page.bytes()), page_size}; }
};

struct Call {
  Kernel& kernel;
  Process& self;
  TrapFrame& frame;

  std::uint64_t arg(unsigned n) const { return frame.a(n); }
  VirtAddr pointer(unsigned n) const { return VirtAddr(arg(n)); }
  // An argument of C type int: the upper half of the register says nothing.
  int integer(unsigned n) const { return static_cast<int>(arg(n)); }
  std::uint32_t flags(unsigned n) const { return static_cast<std::uint32_t>(arg(n)); }
  AddressSpace& space() const { return *self.space; }
  // The open file that the descriptor in argument n names, and what it was opened from.
  Result<File*> file(unsigned n) const { return self.files.get(flags(n)); }
  Result<Ref<Inode>> inode(unsigned n) const {
    Inode* const inode = TRY(file(n))->inode();
    if (inode == nullptr) return Errno::einval;
    return Ref<Inode>::share(*inode);
  }
  // The path that argument n points to.
  Result<PathPage> path(unsigned n) const {
    PathPage path{TRY(FrameRef::make(kernel.memory.frames, FrameKind::kernel)), {}};
    path.text = TRY(space().copy_string_in(path.room(), pointer(n)));
    return path;
  }
};

using Answer = Result<std::uint64_t>;

// 0, when that is all there is to say.
template <class T>
Answer done(const Result<T>& result) {
  return result ? Answer(0) : result.error();
}

// The table in syscall/table.cpp names them all; they stand by topic in the files below.
// process.cpp
Answer sys_clone(Call& call);
Answer sys_execve(Call& call);
Answer sys_exit(Call& call);
Answer sys_wait4(Call& call);
Answer sys_waitid(Call& call);
Answer sys_setpgid(Call& call);
Answer sys_getpgid(Call& call);
Answer sys_getsid(Call& call);
Answer sys_setsid(Call& call);
Answer sys_getpid(Call& call);
Answer sys_getppid(Call& call);
Answer sys_sched_yield(Call& call);
Answer sys_prlimit64(Call& call);
// signal.cpp
Answer sys_kill(Call& call);
Answer sys_tkill(Call& call);
Answer sys_tgkill(Call& call);
Answer sys_rt_sigqueueinfo(Call& call);
Answer sys_rt_sigaction(Call& call);
Answer sys_rt_sigprocmask(Call& call);
Answer sys_rt_sigpending(Call& call);
Answer sys_rt_sigsuspend(Call& call);
Answer sys_rt_sigtimedwait(Call& call);
Answer sys_rt_sigreturn(Call& call);
Answer sys_sigaltstack(Call& call);
// memory.cpp
Answer sys_brk(Call& call);
Answer sys_mmap(Call& call);
Answer sys_munmap(Call& call);
Answer sys_mprotect(Call& call);
// descriptors.cpp
Answer sys_close(Call& call);
Answer sys_read(Call& call);
Answer sys_write(Call& call);
Answer sys_readv(Call& call);
Answer sys_writev(Call& call);
Answer sys_pread64(Call& call);
Answer sys_pwrite64(Call& call);
Answer sys_sendfile(Call& call);
Answer sys_lseek(Call& call);
Answer sys_getdents64(Call& call);
Answer sys_ioctl(Call& call);
Answer sys_fstat(Call& call);
Answer sys_ftruncate(Call& call);
Answer sys_fallocate(Call& call);
Answer sys_fsync(Call& call);
Answer sys_sync(Call& call);
Answer sys_dup(Call& call);
Answer sys_dup3(Call& call);
Answer sys_fcntl(Call& call);
Answer sys_pipe2(Call& call);
// paths.cpp
Answer sys_openat(Call& call);
Answer sys_newfstatat(Call& call);
Answer sys_faccessat(Call& call);
Answer sys_faccessat2(Call& call);
Answer sys_readlinkat(Call& call);
Answer sys_mkdirat(Call& call);
Answer sys_mknodat(Call& call);
Answer sys_symlinkat(Call& call);
Answer sys_linkat(Call& call);
Answer sys_unlinkat(Call& call);
Answer sys_renameat2(Call& call);
Answer sys_truncate(Call& call);
Answer sys_fchmod(Call& call);
Answer sys_fchmodat(Call& call);
Answer sys_fchown(Call& call);
Answer sys_fchownat(Call& call);
Answer sys_utimensat(Call& call);
Answer sys_umask(Call& call);
Answer sys_chdir(Call& call);
Answer sys_fchdir(Call& call);
Answer sys_getcwd(Call& call);
Answer sys_statfs(Call& call);
Answer sys_fstatfs(Call& call);
// poll.cpp
Answer sys_ppoll(Call& call);
Answer sys_pselect6(Call& call);
// time.cpp
Answer sys_nanosleep(Call& call);
Answer sys_clock_nanosleep(Call& call);
Answer sys_restart_syscall(Call& call);
Answer sys_clock_gettime(Call& call);
Answer sys_clock_getres(Call& call);
Answer sys_gettimeofday(Call& call);
Answer sys_getitimer(Call& call);
Answer sys_setitimer(Call& call);
Answer sys_getrusage(Call& call);
Answer sys_times(Call& call);
// system.cpp
Answer sys_uname(Call& call);
Answer sys_sysinfo(Call& call);
Answer sys_getrandom(Call& call);
Answer sys_reboot(Call& call);
Answer sys_absent(Call& call);

abi::rusage to_rusage(const Kernel& kernel, const Usage& usage);

// Serves the call that `self` has trapped with, and leaves the answer in its frame.
void serve_system_call(Process& self);

}  // namespace ox
