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

  // The kernel's own, for calls that a signal ended (Linux: ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND,
  // ERESTART_RESTARTBLOCK). Made again if no handler ran; the first also if the handler has SA_RESTART, the second in
  // any case; else the user sees eintr.
  erestart = 512,
  erestart_always = 513,
  erestart_unless_handled = 514,
  erestart_sleep = 516,  // goes on as restart_syscall(2)
  frame_is_set = 600,    // rt_sigreturn(2): the trap frame has every register already, a0 too
};

}  // namespace ox
