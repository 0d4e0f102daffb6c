// Who a process is and what it may use: everybody is root, and may ask.
#include <algorithm>

#include "abi/process.h"
#include "syscall/call.h"

namespace ox {

namespace {

// Where a limit is kept; null: there is none, and none can be set.
abi::rlimit64* kept_limit(Process& process, std::uint32_t resource) {
  switch (resource) {
    case abi::rlimit_stack:
      return &process.limits[0];
    case abi::rlimit_core:
      return &process.limits[1];
    case abi::rlimit_nofile:
      return &process.limits[2];
    default:
      return nullptr;
  }
}

}  // namespace

// getuid and the like.
Answer sys_root(Call&) { return 0; }

Answer sys_get_three_ids(Call& call) {
  for (unsigned n = 0; n < 3; ++n) TRY(call.space().write_user(call.pointer(n), std::uint32_t{0}));
  return 0;
}

Answer sys_prctl(Call& call) {
  Process& self = call.self;
  switch (call.integer(0)) {
    case abi::pr_set_name: {
      std::array<char, 16> name{};
      const Result<std::string_view> text = call.space().copy_string_in(name, call.pointer(1));
      if (!text && text.error() != Errno::enametoolong) return text.error();
      self.set_name({name.data(), std::ranges::find(name, '\0')});
      return 0;
    }
    case abi::pr_get_name:
      TRY(call.space().write_user(call.pointer(1), self.name));
      return 0;
    default:
      return Errno::einval;
  }
}

Answer sys_prlimit64(Call& call) {
  const std::uint32_t resource = call.flags(1);
  const Ref<Process> process = TRY(call.process(0));
  if (resource >= abi::rlim_nlimits) return Errno::einval;
  abi::rlimit64* const kept = kept_limit(*process, resource);
  const abi::rlimit64 old = kept != nullptr ? *kept : abi::rlimit64{abi::rlim_infinity, abi::rlim_infinity};
  if (call.arg(2) != 0) {
    const auto wanted = TRY(call.space().read_user<abi::rlimit64>(call.pointer(2)));
    if (wanted.rlim_cur > wanted.rlim_max) return Errno::einval;
    if (kept == nullptr && wanted != old) return Errno::eperm;
    if (kept != nullptr) *kept = wanted;
  }
  return done(call.give(3, old));
}

// Shown as 20 - nice, so that no answer looks like an error.
Answer sys_getpriority(Call& call) {
  if (call.flags(0) > abi::prio_user) return Errno::einval;
  if (call.flags(0) != abi::prio_process) return 20 - static_cast<std::uint64_t>(call.self.nice);
  return 20 - static_cast<std::uint64_t>(TRY(call.process(1))->nice);
}

// Kept, without effect: all take turns.
Answer sys_setpriority(Call& call) {
  if (call.flags(0) > abi::prio_user) return Errno::einval;
  if (call.flags(0) == abi::prio_process) TRY(call.process(1))->nice = std::clamp(call.integer(2), -20, 19);
  return 0;
}

Answer sys_sched_getaffinity(Call& call) {
  (void)TRY(call.process(0));
  const std::uint64_t harts = (std::uint64_t{1} << call.kernel.boot.harts.size()) - 1;
  if (call.arg(1) < sizeof(harts) || call.arg(1) % sizeof(harts) != 0) return Errno::einval;
  TRY(call.space().write_user(call.pointer(2), harts));
  return sizeof(harts);
}

}  // namespace ox
