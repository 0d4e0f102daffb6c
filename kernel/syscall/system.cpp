// The machine as a whole.
#include "abi/system.h"

#include <algorithm>

#include "syscall/call.h"

namespace ox {

namespace {

template <std::size_t size>
void set_text(std::array<char, size>& field, std::string_view text) {
  std::ranges::copy(text.substr(0, size - 1), field.begin());
}

}  // namespace

Answer sys_uname(Call& call) {
  abi::new_utsname name;
  set_text(name.sysname, Kernel::system);
  set_text(name.nodename, "ox");
  set_text(name.release, Kernel::release);
  set_text(name.version, Kernel::version);
  set_text(name.machine, "riscv64");
  set_text(name.domainname, "(none)");
  return done(call.space().write_user(call.pointer(0), name));
}

Answer sys_sysinfo(Call& call) {
  Memory& memory = call.kernel.memory;
  abi::sysinfo info;
  info.uptime = static_cast<std::int64_t>(csr_read<Csr::time>() / call.kernel.scheduler.timebase());
  info.totalram = memory.frames.total() * page_size;
  info.freeram = memory.frames.free_count() * page_size;
  info.procs = static_cast<std::uint16_t>(call.kernel.pids.count());
  return done(call.space().write_user(call.pointer(0), info));
}

Answer sys_getrandom(Call& call) {
  constexpr std::uint32_t known = abi::grnd_nonblock | abi::grnd_random | abi::grnd_insecure;
  if ((call.flags(2) & ~known) != 0) return Errno::einval;
  return call.kernel.random.read(call.space(), call.pointer(0), std::min<std::uint64_t>(call.arg(1), 0x7fff'ffff), 0);
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
