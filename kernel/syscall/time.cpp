// Time: clocks, sleeping, the alarm, resource usage.
#include "lib/time.h"

#include <algorithm>

#include "abi/process.h"
#include "proc/footprint.h"
#include "sched/scheduler.h"
#include "syscall/call.h"

namespace ox {

Result<std::uint64_t> read_ticks(Call call, VirtAddr from) {
  const abi::timespec time = TRY(call.space().read_user<abi::timespec>(from));
  if (time.tv_sec < 0 || time.tv_nsec < 0 || time.tv_nsec >= static_cast<std::int64_t>(nanoseconds_a_second))
    return Errno::einval;
  return to_ticks(time, call.kernel().scheduler.timebase());
}

Result<> give_time_left(Call call, VirtAddr to, std::uint64_t deadline) {
  const std::uint64_t left = deadline - std::min(deadline, csr_read<Csr::time>());
  return call.give(to, to_time(left, call.kernel().scheduler.timebase()));
}

namespace {

abi::timespec time_of(Call call, std::uint64_t ticks) { return to_time(ticks, call.kernel().scheduler.timebase()); }

abi::timeval to_timeval(const abi::timespec& time) { return {time.tv_sec, time.tv_nsec / 1000}; }

// A signal ends the sleep, and the time left is stored at `remaining`, if that is not null. If no handler runs,
// restart_syscall(2) continues the sleep.
Answer sleep_until(Call call, std::uint64_t deadline, VirtAddr remaining) {
  const Result<> slept = call.kernel().scheduler.sleep_until(deadline);
  if (slept) return 0;
  call.self.sleep_deadline = deadline;
  call.self.sleep_remaining = remaining;
  TRY(give_time_left(call, remaining, deadline));
  return Errno::erestart_sleep;
}

// The state of the caller's alarm. Only the caller sets it, so nothing but its expiry can change it meanwhile.
abi::itimerval alarm_now(Call call) {
  const Alarm& alarm = call.self.alarm;
  const std::uint64_t now = csr_read<Csr::time>();
  const bool off = alarm.deadline() == no_deadline && alarm.interval == 0;
  const std::uint64_t left = off ? 0 : std::max(alarm.due, now + 1) - now;
  return {to_timeval(time_of(call, alarm.interval)), to_timeval(time_of(call, left))};
}

}  // namespace

Answer sys_nanosleep(Call call, VirtAddr time, VirtAddr remaining) {
  return sleep_until(call, csr_read<Csr::time>() + TRY(read_ticks(call, time)), remaining);
}

Answer sys_clock_nanosleep(Call call, std::uint32_t clock, std::uint32_t flags, VirtAddr time, VirtAddr remaining) {
  if (clock != abi::clock_realtime && clock != abi::clock_monotonic && clock != abi::clock_boottime) {
    return clock > abi::clock_boottime ? Errno::einval : Errno::eopnotsupp;
  }
  const std::uint64_t ticks = TRY(read_ticks(call, time));
  if ((flags & abi::timer_abstime) == 0) return sleep_until(call, csr_read<Csr::time>() + ticks, remaining);
  if (!call.kernel().scheduler.sleep_until(ticks)) return Errno::erestart_unless_handled;
  return 0;
}

Answer sys_restart_syscall(Call call) { return sleep_until(call, call.self.sleep_deadline, call.self.sleep_remaining); }

// There is no time of day: all clocks count from the machine's start.
Answer sys_clock_gettime(Call call, std::uint32_t clock, VirtAddr to) {
  if (clock > abi::clock_boottime) return Errno::einval;
  const bool used = clock == abi::clock_process_cputime_id || clock == abi::clock_thread_cputime_id;
  return call.space().write_user(to, time_of(call, used ? call.self.own_usage().run_time : csr_read<Csr::time>()));
}

Answer sys_clock_getres(Call call, std::uint32_t clock, VirtAddr to) {
  if (clock > abi::clock_boottime) return Errno::einval;
  return call.give(to, time_of(call, 1));
}

Answer sys_setitimer(Call call, std::uint32_t which, VirtAddr new_value, VirtAddr old_value) {
  if (which != abi::itimer_real) return Errno::einval;
  abi::itimerval value;
  if (new_value != VirtAddr()) value = TRY(call.space().read_user<abi::itimerval>(new_value));
  for (const abi::timeval& time : {value.it_interval, value.it_value}) {
    if (time.tv_sec < 0 || time.tv_usec < 0 || time.tv_usec >= 1'000'000) return Errno::einval;
  }
  const auto ticks = [&](const abi::timeval& time) {
    return to_ticks({time.tv_sec, time.tv_usec * 1000}, call.kernel().scheduler.timebase());
  };
  TRY(call.give(old_value, alarm_now(call)));
  Alarm& alarm = call.self.alarm;
  Scheduler& scheduler = call.kernel().scheduler;
  scheduler.cancel(alarm);
  alarm.interval = ticks(value.it_interval);
  const std::uint64_t first = ticks(value.it_value);
  if (first == 0) alarm.interval = 0;
  alarm.due = csr_read<Csr::time>() + first;
  if (first != 0) scheduler.arm(alarm, alarm.due);
  return 0;
}

Answer sys_getitimer(Call call, std::uint32_t which, VirtAddr to) {
  if (which != abi::itimer_real) return Errno::einval;
  return call.space().write_user(to, alarm_now(call));
}

abi::rusage to_rusage(const Kernel& kernel, const Usage& usage) {
  abi::rusage result;
  result.ru_utime = to_timeval(to_time(usage.run_time, kernel.scheduler.timebase()));
  result.ru_minflt = usage.faults;
  return result;
}

// Stores user time, system time, and both for the children. The result is the time since the machine's start. All are
// in hundredths of a second.
Answer sys_times(Call call, VirtAddr to) {
  const auto hundredths = [&](std::uint64_t time) { return to_user_ticks(time, call.kernel().scheduler.timebase()); };
  const std::uint64_t own = call.self.own_usage().run_time, children = call.self.children_usage.run_time;
  TRY(call.give(to, std::array<std::uint64_t, 4>{hundredths(own), 0, hundredths(children), 0}));
  return hundredths(csr_read<Csr::time>());
}

Answer sys_getrusage(Call call, int who, VirtAddr to) {
  if (who != abi::rusage_self && who != abi::rusage_children && who != abi::rusage_thread) return Errno::einval;
  const Usage usage = who == abi::rusage_children ? call.self.children_usage : call.self.own_usage();
  abi::rusage result = to_rusage(call.kernel(), usage);
  if (who != abi::rusage_children) result.ru_maxrss = footprint(call.self).resident * page_size / 1024;
  return call.space().write_user(to, result);
}

}  // namespace ox
