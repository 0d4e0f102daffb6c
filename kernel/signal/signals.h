// The signals of one process: pending and blocked signals, and the action for each.
//
// A standard signal is pending once, with the details of its first sending. Real-time signals are queued each time that
// they are sent, in the order of sending, up to 32 of all numbers together.
//
// Locks: `lock` guards everything that other processes use. `thread.interrupt` says whether there is a signal to act
// on; it changes under the lock, so the way to user mode tests this flag alone.
// Fails: setting an action without memory, and sending a real-time signal without room for its details. A standard
// signal is pending without them then.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "abi/signal.h"
#include "lib/list.h"
#include "lib/memory_layout.h"
#include "lib/result.h"
#include "objects/slab.h"
#include "sched/wait_queue.h"
#include "sync/ref.h"
#include "sync/spinlock.h"
#include "vm/memory.h"

namespace ox {

struct Process;

constexpr std::uint64_t signal_bit(int signal) { return std::uint64_t{1} << (signal - 1); }

// The details of a signal: the part of siginfo that depends on its source.
struct SigInfo {
  std::int32_t code = abi::si_kernel;
  std::uint64_t first = 0;  // as in abi::siginfo
  std::uint64_t second = 0;
};

// A pending signal with its details (Linux: struct sigqueue).
struct QueuedSignal {
  ListHook<QueuedSignal> hook;
  int signal;
  SigInfo info;
};

// The action for each signal that has its bit in Signals::set. Fork shares the object. Like a page it is owned or
// immutable: a process may write to it only if it has the only reference.
struct SignalActions : RefCounted {
  static void destroy(SignalActions* actions) { Slabs::destroy(actions); }

  std::array<abi::sigaction, 64> all;
};

struct Signals {
  ~Signals();

  SpinLock lock{LockRank::signals};
  std::uint64_t pending = 0;  // bit N - 1 is signal N, as in all masks
  std::uint64_t blocked = 0;  // only the process itself changes it
  std::uint64_t set = 0;      // signals whose action is in `actions`; all others have the default
  Ref<SignalActions> actions;
  std::uint64_t waited = 0;  // rt_sigtimedwait(2) waits for these, even if they are blocked
  List<QueuedSignal, &QueuedSignal::hook> queue GUARDED_BY(lock);
  static constexpr unsigned most_real_time = 32;
  unsigned real_time = 0;             // how many real-time signals are on the queue
  Atomic<std::int32_t> stopped{0};    // the signal that stopped the process; 0: it runs
  Atomic<bool> was_continued{false};  // SIGCONT ended the last stop, and no wait has reported it yet
  WaitQueue continued;

  // Only the process itself uses these.
  std::optional<std::uint64_t> saved_mask;  // the value that `blocked` gets back when the call or its handler returns
  abi::stack_t stack{.ss_flags = abi::ss_disable};

  abi::sigaction action(int signal) const REQUIRES(lock);
  bool ignores(const Process& self, int signal) const REQUIRES(lock);
  // Makes `signal` pending, without its details if there is no room for them. False: it is a real-time signal that
  // kill(2) has not sent; such a signal is not sent without its details (Linux: __send_signal_locked).
  bool add(Slabs& slabs, int signal, const SigInfo& info) REQUIRES(lock);
  // Removes the first pending signal in `mask` and returns it, with its details in `info`; 0: there is none.
  int take(std::uint64_t mask, SigInfo& info) REQUIRES(lock);
  // Removes all pending signals in `mask`.
  void drop(std::uint64_t mask) REQUIRES(lock);
};

abi::siginfo to_siginfo(int signal, const SigInfo& info);

// Sends a signal. Does nothing if the process ignores it or has exited. May be called from interrupts, and while locks
// above `signals` are held. Errno::eagain: a real-time signal was not sent, because there is no room for its details.
// SIGCONT and SIGKILL end a stop, even if they are ignored. post_signal() wakes the process from no other sleep; the
// caller does.
Result<> post_signal(Process& target, int signal, const SigInfo& info);
Result<> queue_signal(Process& target, int signal, const SigInfo& info);
inline void send_signal(Process& target, int signal, const SigInfo& info = {}) {
  (void)queue_signal(target, signal, info);
}
// Sends a signal to `self` for an error of its own instruction. If the signal has no handler or is blocked, the process
// ends.
void force_signal(Process& self, int signal, const SigInfo& info = {});

// All below are called by the process itself, except action_of().
void set_blocked(Process& self, std::uint64_t mask);
// borrow_mask() blocks `mask` for the rest of this system call, or until the handler that ends the call returns. If the
// call does not end with Errno::erestart or one of its variants, it must call return_mask().
void borrow_mask(Process& self, std::uint64_t mask);
void return_mask(Process& self);
// Takes the next pending signal that is not blocked or ignored; returns it with its details and its action; 0: none.
int take_signal(Process& self, SigInfo& info, abi::sigaction& action);
// Takes the next signal in `set`, even a blocked one, and waits for one until `deadline` (rt_sigtimedwait(2)).
// Errno::eagain: none came in time. Errno::eintr: a signal outside `set` came.
Result<int> wait_for_signal(Process& self, std::uint64_t set, std::uint64_t deadline, SigInfo& info);
abi::sigaction action_of(Process& process, int signal);
Result<> set_action(Process& self, int signal, const abi::sigaction& action);
// Called at exit: removes all actions and all pending signals.
void drop_signals(Process& self);
void copy_signals(const Process& from, Process& to);
void reset_signals_for_exec(Process& self);

}  // namespace ox
