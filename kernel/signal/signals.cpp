// Sending signals, and each process's actions and masks.
#include "signal/signals.h"

#include <bit>

#include "hub/kernel.h"
#include "proc/process.h"
#include "sched/scheduler.h"

namespace ox {

namespace {

constexpr std::uint64_t bits(std::initializer_list<int> signals) {
  std::uint64_t mask = 0;
  for (const int signal : signals) mask |= signal_bit(signal);
  return mask;
}

constexpr std::uint64_t ignored_by_default = bits({abi::sigchld, abi::sigcont, abi::sigurg, abi::sigwinch});
constexpr std::uint64_t unblockable = bits({abi::sigkill, abi::sigstop});
// Signals for an error of the process's own instruction. They are delivered before all others but SIGKILL.
constexpr std::uint64_t synchronous = bits({abi::sigsegv, abi::sigbus, abi::sigill, abi::sigtrap, abi::sigfpe});

int first_of(std::uint64_t signals) {
  for (const std::uint64_t urgent : {signal_bit(abi::sigkill), synchronous}) {
    if ((signals & urgent) != 0) signals &= urgent;
  }
  return std::countr_zero(signals) + 1;
}

// Called after a change of the pending, blocked or waited signals.
void update_interrupt(Process& self) REQUIRES(self.signals.lock) {
  const Signals& signals = self.signals;
  self.thread.interrupt.store((signals.pending & (~signals.blocked | signals.waited)) != 0, relaxed);
}

void set_waited(Process& self, std::uint64_t mask) {
  const LockGuard guard(self.signals.lock);
  self.signals.waited = mask;
  update_interrupt(self);
}

}  // namespace

abi::sigaction Signals::action(int signal) const {
  return (set & signal_bit(signal)) != 0 ? actions->all[static_cast<unsigned>(signal - 1)] : abi::sigaction{};
}

// Init ignores every signal without a handler, as on Linux.
bool Signals::ignores(const Process& self, int signal) const {
  const std::uint64_t handler = action(signal).sa_handler;
  if (handler != abi::sig_dfl) return handler == abi::sig_ign;
  return (signal_bit(signal) & ignored_by_default) != 0 || &self == self.kernel.init;
}

bool Signals::add(Slabs& slabs, int signal, const SigInfo& info) {
  const bool is_real_time = signal >= abi::sigrtmin;
  const bool room = is_real_time ? real_time < most_real_time : (pending & signal_bit(signal)) == 0;
  const Result<QueuedSignal*> entry = room ? slabs.make<QueuedSignal>() : Errno::eagain;
  if (!entry && is_real_time && info.code != abi::si_user) return false;
  pending |= signal_bit(signal);
  if (!entry) return true;
  (*entry)->signal = signal;
  (*entry)->info = info;
  queue.push_back(**entry);
  real_time += is_real_time ? 1 : 0;
  return true;
}

int Signals::take(std::uint64_t mask, SigInfo& info) {
  if ((pending & mask) == 0) return 0;
  const int signal = first_of(pending & mask);
  const auto next = [&](QueuedSignal* entry) {
    while (entry != nullptr && entry->signal != signal) entry = queue.after(*entry);
    return entry;
  };
  QueuedSignal* const found = next(queue.front());
  if (found == nullptr || next(queue.after(*found)) == nullptr) pending &= ~signal_bit(signal);
  if (found == nullptr) return signal;
  info = found->info;
  queue.remove(*found);
  real_time -= signal >= abi::sigrtmin ? 1 : 0;
  Slabs::destroy(found);
  return signal;
}

Signals::~Signals() NO_THREAD_SAFETY_ANALYSIS { drop(pending); }

void Signals::drop(std::uint64_t mask) {
  SigInfo unused;
  while (take(mask, unused) != 0) continue;
}

Result<> post_signal(Process& target, int signal, const SigInfo& info) {
  Signals& signals = target.signals;
  const std::uint64_t bit = signal_bit(signal);
  const LockGuard guard(signals.lock);
  if (signal == abi::sigcont) signals.drop(abi::stop_signals);
  if (signal == abi::sigcont || signal == abi::sigkill) {
    if (signals.stopped.exchange(0, relaxed) != 0) signals.was_continued.store(signal == abi::sigcont, relaxed);
    signals.continued.wake_all();
  }
  if ((bit & abi::stop_signals) != 0) signals.drop(signal_bit(abi::sigcont));
  if (target.exiting.load(relaxed)) return {};
  // Keep blocked signals pending: the process may install a handler before it unblocks them.
  const bool waited = (bit & signals.waited) != 0;
  const bool blocked = (bit & signals.blocked) != 0;
  if (!blocked && !waited && signals.ignores(target, signal)) return {};
  if (!signals.add(target.kernel.slabs, signal, info)) return Errno::eagain;
  if (signal == abi::sigkill) target.thread.killed.store(true, relaxed);
  if (!blocked || waited) {
    target.thread.interrupt.store(true);
    target.kernel.scheduler.interrupt(target.thread);
  }
  return {};
}

Result<> queue_signal(Process& target, int signal, const SigInfo& info) {
  TRY(post_signal(target, signal, info));
  if (target.thread.interrupt.load(relaxed)) target.kernel.scheduler.wake(target.thread);
  return {};
}

void force_signal(Process& self, int signal, const SigInfo& info) {
  bool handled = false;
  {
    const LockGuard guard(self.signals.lock);
    handled = (self.signals.blocked & signal_bit(signal)) == 0 && self.signals.action(signal).sa_handler > abi::sig_ign;
    (void)self.signals.add(self.kernel.slabs, signal, info);
    update_interrupt(self);
  }
  if (!handled) exit_process(self, abi::status_killed(signal));
}

void set_blocked(Process& self, std::uint64_t mask) {
  const LockGuard guard(self.signals.lock);
  self.signals.blocked = mask & ~unblockable;
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

int take_signal(Process& self, SigInfo& info, abi::sigaction& action) {
  Signals& signals = self.signals;
  const LockGuard guard(self.signals.lock);
  int signal = 0;
  do {
    signal = self.signals.take(~signals.blocked, info);
    update_interrupt(self);
    if (signal == 0) return 0;
  } while (self.signals.ignores(self, signal));
  action = self.signals.action(signal);
  if ((action.sa_flags & abi::sa_resethand) != 0) signals.set &= ~signal_bit(signal);
  // Set under the lock, so that a SIGCONT sent from here on ends the stop.
  const bool stops = action.sa_handler == abi::sig_dfl && (signal_bit(signal) & abi::stop_signals) != 0;
  if (stops) signals.stopped.store(signal, relaxed);
  if (stops) signals.was_continued.store(false, relaxed);
  return signal;
}

Result<int> wait_for_signal(Process& self, std::uint64_t set, std::uint64_t deadline, SigInfo& info) {
  set &= ~unblockable;
  set_waited(self, set);
  const Result<> slept = self.kernel.scheduler.sleep_until(deadline);
  set_waited(self, 0);
  const LockGuard guard(self.signals.lock);
  const int signal = self.signals.take(set, info);
  if (signal != 0) return signal;
  return slept ? Errno::eagain : Errno::eintr;
}

abi::sigaction action_of(Process& process, int signal) {
  const LockGuard guard(process.signals.lock);
  return process.signals.action(signal);
}

Result<> set_action(Process& self, int signal, const abi::sigaction& action) {
  Signals& signals = self.signals;
  Ref<SignalActions> own;
  if (!signals.actions.sole()) {
    own = Ref<SignalActions>::adopt(TRY(self.kernel.slabs.make<SignalActions>()));
    if (signals.actions) own->all = signals.actions->all;
  }
  const LockGuard guard(self.signals.lock);
  if (own) std::swap(own, signals.actions);
  abi::sigaction& entry = signals.actions->all[static_cast<unsigned>(signal - 1)];
  entry = action;
  entry.sa_mask &= ~unblockable;
  entry.sa_flags &= abi::sa_known;
  signals.set |= signal_bit(signal);
  if (self.signals.ignores(self, signal)) self.signals.drop(signal_bit(signal));
  update_interrupt(self);
  return {};
}

void drop_signals(Process& self) {
  Ref<SignalActions> actions;
  const LockGuard guard(self.signals.lock);
  self.signals.drop(~std::uint64_t{0});
  self.signals.set = 0;
  std::swap(actions, self.signals.actions);
}

// Needs no lock: `from` is the caller, and no other process can find `to` yet.
void copy_signals(const Process& from, Process& to) NO_THREAD_SAFETY_ANALYSIS {
  to.signals.blocked = from.signals.blocked;
  to.signals.stack = from.signals.stack;
  to.signals.set = from.signals.set;
  to.signals.actions = from.signals.actions;
}

// Resets handlers to the default, because exec removes their code. Ignored, blocked and pending signals stay so.
void reset_signals_for_exec(Process& self) {
  Signals& signals = self.signals;
  const LockGuard guard(signals.lock);
  for (std::uint64_t rest = signals.set; rest != 0; rest &= rest - 1) {
    const int signal = std::countr_zero(rest) + 1;
    if (signals.action(signal).sa_handler != abi::sig_ign) signals.set &= ~signal_bit(signal);
  }
  signals.stack = {.ss_flags = abi::ss_disable};
}

std::uint64_t Alarm::expired(std::uint64_t now) {
  send_signal(*process, abi::sigalrm);
  const LockGuard guard(process->signals.lock);
  const bool waits = (process->signals.pending & signal_bit(abi::sigalrm)) != 0;
  return waits || interval == 0 ? no_deadline : next_after(now);
}

std::uint64_t Alarm::next_after(std::uint64_t now) {
  if (due <= now) due += ((now - due) / interval + 1) * interval;
  return due;
}

void Alarm::go_on() {
  if (interval == 0) return;
  process->kernel.scheduler.cancel(*this);
  process->kernel.scheduler.arm(*this, next_after(csr_read<Csr::time>()));
}

}  // namespace ox
