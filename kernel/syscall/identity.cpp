// Identity, limits and priorities. Every process is root.
#include <algorithm>

#include "abi/process.h"
#include "dev/device_tree.h"
#include "syscall/call.h"

namespace ox {

// getuid(2) and its kin: root's id; also getgroups(2): no groups.
Answer sys_root(Call) { return 0; }

Answer sys_get_three_ids(Call call, VirtAddr real, VirtAddr effective, VirtAddr saved) {
  for (const VirtAddr id : {real, effective, saved}) TRY(call.space().write_user(id, std::uint32_t{0}));
  return 0;
}

Answer sys_prctl(Call call, int operation, VirtAddr argument) {
  if (operation == abi::pr_get_name) return call.space().write_user(argument, call.self.name);
  if (operation != abi::pr_set_name) return Errno::einval;
  std::array<char, 16> name{};
  const Result<std::string_view> text = call.space().copy_string_in(name, argument);
  if (!text && text.error() != Errno::enametoolong) return text.error();
  call.self.set_name({name.data(), std::ranges::find(name, '\0')});
  return 0;
}

Answer sys_prlimit64(Call call, int pid, std::uint32_t resource, VirtAddr new_limit, VirtAddr old_limit) {
  const Ref<Process> process = TRY(call.process(pid));
  if (resource >= abi::rlim_nlimits) return Errno::einval;
  abi::rlimit64* const kept = process->limits.find(resource);
  const abi::rlimit64 old = kept != nullptr ? *kept : Limits::none;
  if (new_limit != VirtAddr()) {
    const auto wanted = TRY(call.space().read_user<abi::rlimit64>(new_limit));
    if (wanted.rlim_cur > wanted.rlim_max) return Errno::einval;
    if (kept == nullptr && wanted != old) return Errno::eperm;
    if (kept != nullptr && wanted.rlim_max > Limits().find(resource)->rlim_max) return Errno::eperm;
    if (kept != nullptr) *kept = wanted;
  }
  return call.give(old_limit, old);
}

// Calls f(process) for each process that `which` and `who` select (setpriority(2)).
template <class F>
static Result<> for_each_of(Call call, std::uint32_t which, int who, F f) {
  if (which > abi::prio_user) return Errno::einval;
  if (which == abi::prio_process) f(*TRY(call.process(who)));
  if (which == abi::prio_process) return {};
  if (which == abi::prio_pgrp && who == 0) who = call.self.pgid.load(relaxed);
  Result<> found = Errno::esrch;
  call.kernel().pids.for_each([&](const Ref<Process>& process) {
    if (who != (which == abi::prio_pgrp ? process->pgid.load(relaxed) : 0)) return;
    f(*process);
    found = {};
  });
  return found;
}

// The lowest nice value of the selected processes, as 20 - nice, so that no result looks like an error.
Answer sys_getpriority(Call call, std::uint32_t which, int who) {
  int nice = 19;
  TRY(for_each_of(call, which, who, [&](const Process& process) { nice = std::min(nice, process.nice); }));
  return static_cast<std::uint64_t>(20 - nice);
}

// Only stores the value: the scheduler ignores it.
Answer sys_setpriority(Call call, std::uint32_t which, int who, int nice) {
  return for_each_of(call, which, who, [&](Process& process) { process.nice = std::clamp(nice, -20, 19); });
}

Answer sys_sched_getaffinity(Call call, int pid, std::uint64_t size, VirtAddr mask) {
  (void)TRY(call.process(pid));
  const std::uint64_t harts = (std::uint64_t{1} << call.kernel().boot.harts.size()) - 1;
  if (size < sizeof(harts) || size % sizeof(harts) != 0) return Errno::einval;
  TRY(call.space().write_user(mask, harts));
  return sizeof(harts);
}

}  // namespace ox
