// Sending signals, and what a process says about them.
#include "proc/signal.h"

#include <algorithm>
#include <bit>

#include "abi/process.h"
#include "proc/kernel.h"

namespace ox {

namespace {

constexpr std::uint64_t bits(std::initializer_list<int> signals) {
  std::uint64_t mask = 0;
  for (const int signal : signals) mask |= signal_bit(signal);
  return mask;
}

constexpr std::uint64_t ignored_by_default = bits({abi::sigchld, abi::sigcont, abi::sigurg, abi::sigwinch});
constexpr std::uint64_t unblockable = bits({abi::sigkill, abi::sigstop});
// What an instruction has done comes before what others want; nothing comes before the end.
constexpr std::uint64_t synchronous = bits({abi::sigsegv, abi::sigbus, abi::sigill, abi::sigtrap, abi::sigfpe});

int first_of(std::uint64_t signals) {
  for (const std::uint64_t urgent : {signal_bit(abi::sigkill), synchronous}) {
    if ((signals & urgent) != 0) signals &= urgent;
  }
  return std::countr_zero(signals) + 1;
}

// After a change of what is pending, blocked or waited for.
void update_interrupt(Process& self) REQUIRES(self.signals.lock) {
  const Signals& signals = self.signals;
  self.thread.interrupt.store((signals.pending & (~signals.blocked | signals.waited)) != 0, relaxed);
}

}  // namespace

abi::sigaction Signals::action(int signal) const {
  return (set & signal_bit(signal)) != 0 ? actions->all[static_cast<unsigned>(signal - 1)] : abi::sigaction{};
}

// As on Linux init is spared what it has not asked for.
bool Signals::ignores(const Process& self, int signal) const {
  const std::uint64_t handler = action(signal).sa_handler;
  if (handler != abi::sig_dfl) return handler == abi::sig_ign;
  return (signal_bit(signal) & ignored_by_default) != 0 || &self == self.kernel.init;
}

void Signals::add(const SigInfo& info) {
  const std::uint64_t bit = signal_bit(info.signal);
  // Only real-time signals queue up.
  if (((pending & bit) == 0 || info.signal >= abi::sigrtmin) && detailed < details.size()) details[detailed++] = info;
  pending |= bit;
}

SigInfo Signals::take(int signal) {
  const auto end = details.begin() + detailed;
  const auto same = [&](const SigInfo& info) { return info.signal == signal; };
  const auto found = std::find_if(details.begin(), end, same);
  SigInfo info{.signal = signal};
  if (found != end) {
    info = *found;
    std::copy(found + 1, end, found);
    --detailed;
  }
  if (std::none_of(details.begin(), details.begin() + detailed, same)) pending &= ~signal_bit(signal);
  return info;
}

void Signals::discard(std::uint64_t signals) {
  signals &= pending;
  while (signals != 0) {
    const int signal = std::countr_zero(signals) + 1;
    while ((pending & signal_bit(signal)) != 0) (void)take(signal);
    signals &= signals - 1;
  }
}

void send_signal(Process& target, const SigInfo& info) {
  Signals& signals = target.signals;
  const std::uint64_t bit = signal_bit(info.signal);
  const LockGuard guard(signals.lock);
  if (info.signal == abi::sigcont || info.signal == abi::sigkill) {
    if (info.signal == abi::sigcont) signals.discard(abi::stop_signals);
    if (signals.stopped.load(relaxed) != 0) {
      signals.stopped.store(0, relaxed);
      signals.continued.wake_all();
    }
  }
  if ((bit & abi::stop_signals) != 0) signals.discard(signal_bit(abi::sigcont));
  if (target.exiting.load(relaxed)) return;
  // What is blocked may have a handler by the time that it is not.
  if ((bit & (signals.blocked | signals.waited)) == 0 && signals.ignores(target, info.signal)) return;
  signals.add(info);
  if ((bit & signals.blocked & ~signals.waited) != 0) return;
  target.thread.interrupt.store(true, relaxed);
  target.kernel.scheduler.interrupt(target.thread);
}

void send_signal(Process& target, int signal) { send_signal(target, {.signal = signal, .code = abi::si_kernel}); }

void force_signal(Process& self, const SigInfo& info) {
  Signals& signals = self.signals;
  bool handled = false;
  {
    const LockGuard guard(signals.lock);
    const std::uint64_t bit = signal_bit(info.signal);
    handled = (signals.blocked & bit) == 0 && signals.action(info.signal).sa_handler > abi::sig_ign;
    if (handled) {
      signals.discard(bit);
      signals.add(info);
      self.thread.interrupt.store(true, relaxed);
    }
  }
  if (!handled) exit_process(self, abi::status_killed(info.signal));
}

void set_blocked(Process& self, std::uint64_t mask) {
  const LockGuard guard(self.signals.lock);
  self.signals.blocked = mask & ~unblockable;
  update_interrupt(self);
}

void set_waited(Process& self, std::uint64_t signals) {
  const LockGuard guard(self.signals.lock);
  self.signals.waited = signals;
  update_interrupt(self);
}

void borrow_mask(Process& self, std::uint64_t mask) {
  self.signals.saved_mask = self.signals.blocked;
  set_blocked(self, mask);
}

void return_mask(Process& self) {
  if (!self.signals.saved_mask) return;
  set_blocked(self, *self.signals.saved_mask);
  self.signals.saved_mask.reset();
}

std::optional<SigInfo> take_signal(Process& self, std::uint64_t wanted) {
  const LockGuard guard(self.signals.lock);
  const std::uint64_t found = self.signals.pending & wanted;
  std::optional<SigInfo> info;
  if (found != 0) info = self.signals.take(first_of(found));
  update_interrupt(self);
  return info;
}

abi::sigaction action_of(Process& process, int signal) {
  const LockGuard guard(process.signals.lock);
  return process.signals.action(signal);
}

Result<> set_action(Process& self, int signal, const abi::sigaction& action) {
  Signals& signals = self.signals;
  Ref<SignalActions> own;
  if (!signals.actions.sole()) {
    Slab<SignalActions>& slab = self.kernel.signal_actions;
    own = Ref<SignalActions>::adopt(TRY(slab.make(slab)));
    if (signals.actions) own->all = signals.actions->all;
  }
  const LockGuard guard(self.signals.lock);
  if (own) std::swap(own, signals.actions);
  abi::sigaction& entry = signals.actions->all[static_cast<unsigned>(signal - 1)];
  entry = action;
  entry.sa_mask &= ~unblockable;
  signals.set |= signal_bit(signal);
  if (signals.ignores(self, signal)) signals.discard(signal_bit(signal));
  update_interrupt(self);
  return {};
}

void drop_actions(Process& self) {
  Ref<SignalActions> actions;
  const LockGuard guard(self.signals.lock);
  self.signals.set = 0;
  std::swap(actions, self.signals.actions);
}

// `from` is the caller, and nobody knows `to` yet.
void copy_signals(const Process& from, Process& to) NO_THREAD_SAFETY_ANALYSIS {
  to.signals.blocked = from.signals.blocked;
  to.signals.stack = from.signals.stack;
  to.signals.set = from.signals.set;
  to.signals.actions = from.signals.actions;
}

// Handlers are gone with the program that had them; what was ignored, blocked or pending stays so.
void reset_signals_for_exec(Process& self) {
  Signals& signals = self.signals;
  const LockGuard guard(signals.lock);
  for (std::uint64_t rest = signals.set; rest != 0; rest &= rest - 1) {
    const int signal = std::countr_zero(rest) + 1;
    if (signals.action(signal).sa_handler != abi::sig_ign) signals.set &= ~signal_bit(signal);
  }
  signals.stack = {.ss_flags = abi::ss_disable};
}

std::uint64_t Alarm::expired(std::uint64_t) {
  send_signal(*process, {.signal = abi::sigalrm, .code = abi::si_kernel});
  return interval == 0 ? no_deadline : deadline() + interval;
}

void kill_for_memory(Process& self) {
  self.kernel.console.log("out of memory: pid {} is killed", self.pid);
  exit_process(self, abi::status_killed(abi::sigkill));
}

}  // namespace ox
