// Time: clocks, sleeping, the alarm, what a process has used.
#include "lib/time.h"

#include <algorithm>

#include "abi/process.h"
#include "syscall/call.h"

namespace ox {

Result<std::uint64_t> read_ticks(Call& call, unsigned n) {
  const abi::timespec time = TRY(call.space().read_user<abi::timespec>(call.pointer(n)));
  if (time.tv_sec < 0 || time.tv_nsec < 0 || time.tv_nsec >= static_cast<std::int64_t>(nanoseconds_a_second))
    return Errno::einval;
  return to_ticks(time, call.kernel.scheduler.timebase());
}

namespace {

abi::timespec time_of(const Call& call, std::uint64_t ticks) {
  return to_time(ticks, call.kernel.scheduler.timebase());
}

abi::timeval to_timeval(const abi::timespec& time) { return {time.tv_sec, time.tv_nsec / 1000}; }

// A signal ends it: without a handler restart_syscall goes on. `remaining`, if not 0, learns what was left then.
Answer sleep_until(Call& call, std::uint64_t deadline, VirtAddr remaining) {
  const Result<> slept = call.kernel.scheduler.sleep_until(deadline);
  if (slept) return 0;
  call.self.sleep_deadline = deadline;
  call.self.sleep_remaining = remaining;
  if (remaining != VirtAddr()) {
    const std::uint64_t left = deadline - std::min(deadline, csr_read<Csr::time>());
    TRY(call.space().write_user(remaining, time_of(call, left)));
  }
  return Errno::erestart_sleep;
}

// Who set it reads it, so nothing changes it meanwhile but its going off.
abi::itimerval alarm_now(const Call& call) {
  const Alarm& alarm = call.self.alarm;
  const std::uint64_t deadline = alarm.deadline();
  const std::uint64_t now = csr_read<Csr::time>();
  const std::uint64_t left = deadline == no_deadline ? 0 : std::max(deadline, now + 1) - now;
  return {to_timeval(time_of(call, alarm.interval)), to_timeval(time_of(call, left))};
}

}  // namespace

Answer sys_nanosleep(Call& call) {
  return sleep_until(call, csr_read<Csr::time>() + TRY(read_ticks(call, 0)), call.pointer(1));
}

Answer sys_clock_nanosleep(Call& call) {
  const std::uint32_t clock = call.flags(0);
  if (clock != abi::clock_realtime && clock != abi::clock_monotonic && clock != abi::clock_boottime) {
    return Errno::einval;
  }
  const std::uint64_t ticks = TRY(read_ticks(call, 2));
  if ((call.flags(1) & abi::timer_abstime) == 0)
    return sleep_until(call, csr_read<Csr::time>() + ticks, call.pointer(3));
  if (!call.kernel.scheduler.sleep_until(ticks)) return Errno::erestart_unless_handled;
  return 0;
}

Answer sys_restart_syscall(Call& call) {
  return sleep_until(call, call.self.sleep_deadline, call.self.sleep_remaining);
}

// There is no clock of the day: all of them count from the machine's start.
Answer sys_clock_gettime(Call& call) {
  const std::uint32_t clock = call.flags(0);
  if (clock > abi::clock_boottime) return Errno::einval;
  const bool used = clock == abi::clock_process_cputime_id || clock == abi::clock_thread_cputime_id;
  return done(call.space().write_user(call.pointer(1),
                                      time_of(call, used ? call.self.own_usage().run_time : csr_read<Csr::time>())));
}

Answer sys_setitimer(Call& call) {
  if (call.flags(0) != abi::itimer_real) return Errno::einval;
  abi::itimerval value;
  if (call.arg(1) != 0) value = TRY(call.space().read_user<abi::itimerval>(call.pointer(1)));
  for (const abi::timeval& time : {value.it_interval, value.it_value}) {
    if (time.tv_sec < 0 || time.tv_usec < 0 || time.tv_usec >= 1'000'000) return Errno::einval;
  }
  const auto ticks = [&](const abi::timeval& time) {
    return to_ticks({time.tv_sec, time.tv_usec * 1000}, call.kernel.scheduler.timebase());
  };
  TRY(call.give(2, alarm_now(call)));
  Alarm& alarm = call.self.alarm;
  Scheduler& scheduler = call.kernel.scheduler;
  scheduler.cancel(alarm);
  alarm.interval = ticks(value.it_interval);
  const std::uint64_t first = ticks(value.it_value);
  if (first != 0) scheduler.arm(alarm, csr_read<Csr::time>() + first);
  return 0;
}

abi::rusage to_rusage(const Kernel& kernel, const Usage& usage) {
  abi::rusage result;
  result.ru_utime = to_timeval(to_time(usage.run_time, kernel.scheduler.timebase()));
  result.ru_minflt = usage.faults;
  return result;
}

Answer sys_getrusage(Call& call) {
  const int who = call.integer(0);
  if (who != abi::rusage_self && who != abi::rusage_children && who != abi::rusage_thread) return Errno::einval;
  const Usage usage = who == abi::rusage_children ? call.self.children_usage : call.self.own_usage();
  return done(call.space().write_user(call.pointer(1), to_rusage(call.kernel, usage)));
}

}  // namespace ox
