// Error numbers, with Linux's values (asm-generic/errno-base.h and errno.h), so that a system call can answer -errno.
#pragma once

namespace ox {

enum class Errno : int {
  eperm = 1,
  enoent = 2,
  esrch = 3,
  eintr = 4,
  eio = 5,
  enxio = 6,
  e2big = 7,
  enoexec = 8,
  ebadf = 9,
  echild = 10,
  eagain = 11,
  enomem = 12,
  eacces = 13,
  efault = 14,
  ebusy = 16,
  eexist = 17,
  exdev = 18,
  enodev = 19,
  enotdir = 20,
  eisdir = 21,
  einval = 22,
  emfile = 24,
  enotty = 25,
  etxtbsy = 26,
  efbig = 27,
  enospc = 28,
  espipe = 29,
  epipe = 32,
  erange = 34,
  enametoolong = 36,
  enolck = 37,
  enosys = 38,
  enotempty = 39,
  eloop = 40,
  eoverflow = 75,
  eopnotsupp = 95,
  etimedout = 110,

  // Inside the kernel only, for calls that a signal interrupted (Linux: ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND,
  // ERESTART_RESTARTBLOCK). If no handler runs, the call is made again. If one runs, erestart makes the call again only
  // with SA_RESTART, erestart_always in any case; after the other two the user sees EINTR.
  erestart = 512,
  erestart_always = 513,
  erestart_unless_handled = 514,
  erestart_sleep = 516,  // made again as restart_syscall(2)
  frame_is_set = 600,    // from rt_sigreturn(2): the trap frame is complete, a0 included
};

}  // namespace ox
