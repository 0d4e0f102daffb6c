// Time and the machine as a whole.
#include "abi/system.h"

#include <algorithm>

#include "lib/time.h"
#include "syscall/call.h"

namespace ox {

namespace {

// Since the machine started: there is no clock of the day.
abi::timespec now(const Scheduler& scheduler) { return to_time(csr_read<Csr::time>(), scheduler.timebase()); }

Result<abi::timespec> read_time(Call& call, unsigned argument) {
  const abi::timespec time = TRY(call.space().read_user<abi::timespec>(call.pointer(argument)));
  if (time.tv_sec < 0 || time.tv_nsec < 0 || time.tv_nsec >= static_cast<std::int64_t>(nanoseconds_a_second)) return Errno::einval;
  return time;
}

// Sleeps as long as argument `argument` says. A signal ends it; the time that was left then goes to the next argument.
Answer sleep(Call& call, unsigned argument, bool absolute) {
  Scheduler& scheduler = call.kernel.scheduler;
  const std::uint64_t base = scheduler.timebase();
  const std::uint64_t ticks = to_ticks(TRY(read_time(call, argument)), base);
  const std::uint64_t deadline = absolute ? ticks : csr_read<Csr::time>() + ticks;
  const Result<> slept = scheduler.sleep_until(deadline);
  if (slept) return 0;
  const VirtAddr remaining = call.pointer(argument + 1);
  if (absolute || remaining == VirtAddr()) return slept.error();
  const std::uint64_t left = deadline - std::min(deadline, csr_read<Csr::time>());
  TRY(call.space().write_user(remaining, to_time(left, base)));
  return slept.error();
}

template <std::size_t size>
void set_text(std::array<char, size>& field, std::string_view text) {
  std::ranges::copy(text.substr(0, size - 1), field.begin());
}

}  // namespace

Answer sys_nanosleep(Call& call) { return sleep(call, 0, false); }

Answer sys_clock_nanosleep(Call& call) {
  const std::uint32_t clock = call.flags(0);
  if (clock != abi::clock_realtime && clock != abi::clock_monotonic && clock != abi::clock_boottime) {
    return Errno::einval;
  }
  return sleep(call, 2, (call.flags(1) & abi::timer_abstime) != 0);
}

Answer sys_clock_gettime(Call& call) {
  if (call.flags(0) > abi::clock_boottime) return Errno::einval;
  TRY(call.space().write_user(call.pointer(1), now(call.kernel.scheduler)));
  return 0;
}

Answer sys_uname(Call& call) {
  abi::new_utsname name;
  set_text(name.sysname, "ox");
  set_text(name.nodename, "ox");
  set_text(name.release, "6.1.0-ox");  // glibc refuses to start on a kernel older than it was built for
  set_text(name.version, "#1");
  set_text(name.machine, "riscv64");
  set_text(name.domainname, "(none)");
  TRY(call.space().write_user(call.pointer(0), name));
  return 0;
}

Answer sys_sysinfo(Call& call) {
  Memory& memory = call.kernel.memory;
  abi::sysinfo info;
  info.uptime = now(call.kernel.scheduler).tv_sec;
  info.totalram = memory.frames.total() * page_size;
  info.freeram = memory.frames.free_count() * page_size;
  info.procs = static_cast<std::uint16_t>(call.kernel.pids.count());
  TRY(call.space().write_user(call.pointer(0), info));
  return 0;
}

Answer sys_getrandom(Call& call) {
  constexpr std::uint32_t known = abi::grnd_nonblock | abi::grnd_random | abi::grnd_insecure;
  if ((call.flags(2) & ~known) != 0) return Errno::einval;
  return call.kernel.random.read(call.space(), call.pointer(0), std::min<std::uint64_t>(call.arg(1), 0x7fff'ffff));
}

Answer sys_reboot(Call& call) {
  if (call.flags(0) != abi::linux_reboot_magic1 || call.flags(1) != abi::linux_reboot_magic2) return Errno::einval;
  switch (call.flags(2)) {
    case abi::linux_reboot_cmd_power_off:
    case abi::linux_reboot_cmd_halt:
    case abi::linux_reboot_cmd_restart:
      call.kernel.end(0);
    default:
      return Errno::einval;
  }
}

Answer sys_absent(Call&) { return Errno::enosys; }

}  // namespace ox
