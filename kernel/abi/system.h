// Time and the machine as a whole: clocks, uname, sysinfo, getrandom, reboot (Linux: linux/time_types.h, linux/time.h,
// linux/utsname.h, linux/sysinfo.h, linux/random.h, linux/reboot.h).
#pragma once

#include <array>
#include <cstdint>

namespace ox::abi {

struct timespec {
  std::int64_t tv_sec = 0;
  std::int64_t tv_nsec = 0;
};

struct timeval {
  std::int64_t tv_sec = 0;
  std::int64_t tv_usec = 0;
};

inline constexpr std::uint32_t itimer_real = 0;
struct itimerval {
  timeval it_interval;
  timeval it_value;
};

inline constexpr std::uint32_t clock_realtime = 0, clock_monotonic = 1, clock_process_cputime_id = 2;
inline constexpr std::uint32_t clock_thread_cputime_id = 3, clock_boottime = 7;

inline constexpr std::uint32_t timer_abstime = 1;

struct new_utsname {
  std::array<char, 65> sysname{};
  std::array<char, 65> nodename{};
  std::array<char, 65> release{};
  std::array<char, 65> version{};
  std::array<char, 65> machine{};
  std::array<char, 65> domainname{};
};
static_assert(sizeof(new_utsname) == 390);

struct sysinfo {
  std::int64_t uptime = 0;  // seconds
  std::array<std::uint64_t, 3> loads{};
  std::uint64_t totalram = 0;  // in bytes
  std::uint64_t freeram = 0;
  std::array<std::uint64_t, 4> shared_buffers_swap{};
  std::uint64_t procs = 0;  // Linux's field has 16 bits; padding follows
  std::array<std::uint64_t, 2> high{};
  std::uint64_t mem_unit = 1;
};
static_assert(sizeof(sysinfo) == 112);

inline constexpr std::uint32_t grnd_nonblock = 1, grnd_random = 2, grnd_insecure = 4;

inline constexpr std::uint32_t linux_reboot_magic1 = 0xfee1dead, linux_reboot_magic2 = 672274793;
inline constexpr std::uint32_t linux_reboot_cmd_restart = 0x01234567, linux_reboot_cmd_halt = 0xcdef0123;
inline constexpr std::uint32_t linux_reboot_cmd_power_off = 0x4321fedc;

}  // namespace ox::abi
