// The machine as a whole.
#include "abi/system.h"

#include <algorithm>

#include "audit/audit.h"
#include "fs/devices.h"
#include "sched/scheduler.h"
#include "syscall/call.h"

namespace ox {

Answer sys_uname(Call call, VirtAddr to) {
  abi::new_utsname name;
  Kernel::system.copy(name.sysname.data(), name.sysname.size() - 1);
  std::string_view("ox").copy(name.nodename.data(), name.nodename.size() - 1);
  Kernel::release.copy(name.release.data(), name.release.size() - 1);
  Kernel::version.copy(name.version.data(), name.version.size() - 1);
  std::string_view("riscv64").copy(name.machine.data(), name.machine.size() - 1);
  std::string_view("(none)").copy(name.domainname.data(), name.domainname.size() - 1);
  return call.space().write_user(to, name);
}

Answer sys_sysinfo(Call call, VirtAddr to) {
  Memory& memory = call.kernel().memory;
  abi::sysinfo info;
  info.uptime = static_cast<std::int64_t>(csr_read<Csr::time>() / call.kernel().scheduler.timebase());
  info.totalram = memory.frames.total() * page_size;
  info.freeram = memory.frames.free_count() * page_size;
  info.procs = static_cast<std::uint16_t>(call.kernel().pids.count());
  return call.space().write_user(to, info);
}

Answer sys_getrandom(Call call, VirtAddr to, std::uint64_t size, std::uint32_t flags) {
  constexpr std::uint32_t known = abi::grnd_nonblock | abi::grnd_random | abi::grnd_insecure;
  constexpr std::uint32_t either = abi::grnd_random | abi::grnd_insecure;
  if ((flags & ~known) != 0 || (flags & either) == either) return Errno::einval;
  UserBytes bytes(call.space());
  TRY(bytes.set(to, std::min(size, UserBytes::most)));
  return call.kernel().random.read(bytes, 0);
}

Answer sys_reboot(Call call, std::uint32_t magic1, std::uint32_t magic2, std::uint32_t command) {
  constexpr std::array commands{abi::linux_reboot_cmd_power_off, abi::linux_reboot_cmd_halt,
                                abi::linux_reboot_cmd_restart};
  if (magic1 != abi::linux_reboot_magic1 || magic2 != abi::linux_reboot_magic2) return Errno::einval;
  if (std::ranges::find(commands, command) == commands.end()) return Errno::einval;
  call.kernel().audit.end(0);
}

Answer sys_absent(Call) { return Errno::enosys; }

}  // namespace ox
