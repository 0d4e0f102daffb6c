// Numbers of Linux's system calls on riscv64 (asm-generic/unistd.h) that the kernel answers.
#pragma once

#include <cstdint>

namespace ox::abi {

// Linux: __NR_write and so on.
enum class Syscall : std::uint64_t {
  dup = 23,
  dup3 = 24,
  ioctl = 29,
  openat = 56,
  close = 57,
  pipe2 = 59,
  lseek = 62,
  read = 63,
  write = 64,
  writev = 66,
  readlinkat = 78,
  newfstatat = 79,
  fstat = 80,
  exit = 93,
  exit_group = 94,
  set_tid_address = 96,
  set_robust_list = 99,
  nanosleep = 101,
  clock_gettime = 113,
  clock_nanosleep = 115,
  sched_yield = 124,
  kill = 129,
  tgkill = 131,
  reboot = 142,
  uname = 160,
  getpid = 172,
  getppid = 173,
  gettid = 178,
  sysinfo = 179,
  brk = 214,
  munmap = 215,
  clone = 220,
  execve = 221,
  mmap = 222,
  mprotect = 226,
  wait4 = 260,
  prlimit64 = 261,
  getrandom = 278,
};

}  // namespace ox::abi
