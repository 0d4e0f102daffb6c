// Who a process is and what it may use: everybody is root, and may ask.
#include <algorithm>

#include "abi/process.h"
#include "syscall/call.h"

namespace ox {

namespace {

bool root_or_same(std::uint32_t id) { return id == 0 || id == ~std::uint32_t{0}; }

// The process that argument n names, 0 for the caller.
Result<Ref<Process>> process_of(Call& call, unsigned n) {
  if (call.integer(n) == 0) return Ref<Process>::share(call.self);
  Ref<Process> process = call.kernel.pids.find(call.integer(n));
  if (!process) return Errno::esrch;
  return process;
}

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

Result<> limit(Call& call, Process& process, std::uint32_t resource, VirtAddr set, VirtAddr get) {
  if (resource >= abi::rlim_nlimits) return Errno::einval;
  abi::rlimit64* const kept = kept_limit(process, resource);
  const abi::rlimit64 old = kept != nullptr ? *kept : abi::rlimit64{abi::rlim_infinity, abi::rlim_infinity};
  if (set != VirtAddr()) {
    const auto wanted = TRY(call.space().read_user<abi::rlimit64>(set));
    if (wanted.rlim_cur > wanted.rlim_max) return Errno::einval;
    if (kept == nullptr && wanted != old) return Errno::eperm;
    if (kept != nullptr) *kept = wanted;
  }
  if (get != VirtAddr()) TRY(call.space().write_user(get, old));
  return {};
}

}  // namespace

// getuid and the like.
Answer sys_root(Call&) { return 0; }

// setuid, setreuid, setresuid and the like: nobody can become anybody else.
Answer sys_set_id(Call& call) { return root_or_same(call.flags(0)) ? Answer(0) : Errno::eperm; }

Answer sys_set_two_ids(Call& call) { return root_or_same(call.flags(1)) ? sys_set_id(call) : Errno::eperm; }

Answer sys_set_three_ids(Call& call) { return root_or_same(call.flags(2)) ? sys_set_two_ids(call) : Errno::eperm; }

Answer sys_get_three_ids(Call& call) {
  for (unsigned n = 0; n < 3; ++n) TRY(call.space().write_user(call.pointer(n), std::uint32_t{0}));
  return 0;
}

// Root has every capability; version 3 of the structures.
Answer sys_capget(Call& call) {
  using Header = std::array<std::uint32_t, 2>;  // version, pid
  const auto header = TRY(call.space().read_user<Header>(call.pointer(0)));
  if (header[0] != abi::linux_capability_version_3) {
    TRY(call.space().write_user(call.pointer(0), abi::linux_capability_version_3));
    return call.arg(1) == 0 ? Answer(0) : Errno::einval;
  }
  if (call.arg(1) == 0) return 0;
  constexpr std::uint32_t low = ~std::uint32_t{0};
  constexpr std::uint32_t high = 0x1ff;
  return done(call.space().write_user(call.pointer(1), std::array<std::uint32_t, 6>{low, low, 0, high, high, 0}));
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
  const Ref<Process> process = TRY(process_of(call, 0));
  return done(limit(call, *process, call.flags(1), call.pointer(2), call.pointer(3)));
}

Answer sys_getrlimit(Call& call) { return done(limit(call, call.self, call.flags(0), VirtAddr(), call.pointer(1))); }

Answer sys_setrlimit(Call& call) { return done(limit(call, call.self, call.flags(0), call.pointer(1), VirtAddr())); }

// Shown as 20 - nice, so that no answer looks like an error.
Answer sys_getpriority(Call& call) {
  if (call.flags(0) > abi::prio_user) return Errno::einval;
  if (call.flags(0) != abi::prio_process) return 20 - static_cast<std::uint64_t>(call.self.nice);
  return 20 - static_cast<std::uint64_t>(TRY(process_of(call, 1))->nice);
}

// Kept, without effect: all take turns.
Answer sys_setpriority(Call& call) {
  if (call.flags(0) > abi::prio_user) return Errno::einval;
  if (call.flags(0) == abi::prio_process) TRY(process_of(call, 1))->nice = std::clamp(call.integer(2), -20, 19);
  return 0;
}

Answer sys_sched_getaffinity(Call& call) {
  (void)TRY(process_of(call, 0));
  const std::uint64_t harts = (std::uint64_t{1} << call.kernel.boot.harts.size()) - 1;
  if (call.arg(1) < sizeof(harts) || call.arg(1) % sizeof(harts) != 0) return Errno::einval;
  TRY(call.space().write_user(call.pointer(2), harts));
  return sizeof(harts);
}

// Without effect: a thread runs where there is room.
Answer sys_sched_setaffinity(Call& call) {
  (void)TRY(process_of(call, 0));
  std::uint64_t wanted = 0;
  const std::uint64_t size = std::min<std::uint64_t>(call.arg(1), sizeof(wanted));
  TRY(call.space().copy_in(std::as_writable_bytes(std::span(&wanted, 1)).first(size), call.pointer(2)));
  if ((wanted & ((std::uint64_t{1} << call.kernel.boot.harts.size()) - 1)) == 0) return Errno::einval;
  return 0;
}

// Linux's own personality is the only one.
Answer sys_personality(Call& call) { return root_or_same(call.flags(0)) ? Answer(0) : Errno::einval; }

}  // namespace ox
