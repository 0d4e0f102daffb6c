// Signals of one process: what waits, what is blocked, what it wants done.
//
// Locks: `lock` guards all of it, but for what only the process itself touches. `thread.interrupt` says whether there
// is something to act on, and is kept right with the lock held, so the way to user mode looks at nothing else.
// Fails: setting an action may need memory, nothing else does: a signal for whose details there is none waits without.
// A signal waits once, with the details of the first time that it was sent; real-time signals wait as often as they
// were sent, up to 32 of them all, in the order of sending.
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

// What a signal's siginfo says.
struct SigInfo {
  std::int32_t code = abi::si_kernel;
  std::uint64_t first = 0;  // as in abi::siginfo
  std::uint64_t second = 0;
};

// A signal that waits, with its details (Linux: struct sigqueue).
struct QueuedSignal {
  ListHook<QueuedSignal> hook;
  int signal;
  SigInfo info;
};

// What is wanted for each signal, where Signals::set says so. Shared by fork, and like a page owned or immutable: who
// has the only reference may write.
struct SignalActions : RefCounted {
  static void destroy(SignalActions* actions) { Slabs::destroy(actions); }

  std::array<abi::sigaction, 64> all;
};

struct Signals {
  ~Signals();

  SpinLock lock{LockRank::signals};
  std::uint64_t pending = 0;  // bit N - 1 is signal N, as in all masks
  std::uint64_t blocked = 0;  // only the process itself changes it
  std::uint64_t set = 0;      // these have an action that is not the default
  Ref<SignalActions> actions;
  std::uint64_t waited = 0;  // rt_sigtimedwait(2) wants these, blocked or not
  List<QueuedSignal, &QueuedSignal::hook> queue GUARDED_BY(lock);
  static constexpr unsigned most_real_time = 32;
  unsigned real_time = 0;             // so many on the queue
  Atomic<std::int32_t> stopped{0};    // by which signal; 0: it runs
  Atomic<bool> was_continued{false};  // since it stopped, and the parent has not been told
  WaitQueue continued;

  // The process's own.
  std::optional<std::uint64_t> saved_mask;  // what `blocked` is again when the call or its handler returns
  abi::stack_t stack{.ss_flags = abi::ss_disable};

  abi::sigaction action(int signal) const REQUIRES(lock);
  bool ignores(const Process& self, int signal) const REQUIRES(lock);
  // False: there is no room for one more real-time signal. If none of its number waited, it waits without details.
  bool add(Slabs& slabs, int signal, const SigInfo& info) REQUIRES(lock);
  // Takes the first one in `mask` away, and gives its details; 0: there is none.
  int take(std::uint64_t mask, SigInfo& info) REQUIRES(lock);
  // None of `mask` waits any more.
  void drop(std::uint64_t mask) REQUIRES(lock);
};

abi::siginfo to_siginfo(int signal, const SigInfo& info);

// Sends a signal; nothing happens to a process that ignores it, or has ended. May be called with other locks held, and
// from interrupts. Errno::eagain: it is one real-time signal too many.
Result<> queue_signal(Process& target, int signal, const SigInfo& info);
inline void send_signal(Process& target, int signal, const SigInfo& info = {}) {
  (void)queue_signal(target, signal, info);
}
// A signal for what `self`'s own instruction has done. If it is blocked or ignored the process ends.
void force_signal(Process& self, int signal, const SigInfo& info = {});

// For the process itself.
void set_blocked(Process& self, std::uint64_t mask);
// For the rest of this system call, or until the handler that ends it returns. To be undone when the call ends
// otherwise than by Errno::erestart and its like.
void borrow_mask(Process& self, std::uint64_t mask);
void return_mask(Process& self);
// The next signal that asks for something, no longer pending, what is known of it and what is to be done; 0: none.
int take_signal(Process& self, SigInfo& info, abi::sigaction& action);
// The next signal in `set`, whatever is blocked; it is waited for until `deadline`. Errno::eagain: there was none;
// Errno::eintr: another one came.
Result<int> wait_for_signal(Process& self, std::uint64_t set, std::uint64_t deadline, SigInfo& info);
abi::sigaction action_of(Process& process, int signal);
Result<> set_action(Process& self, int signal, const abi::sigaction& action);
// At the end: no action, and nothing that waits.
void drop_signals(Process& self);
void copy_signals(const Process& from, Process& to);
void reset_signals_for_exec(Process& self);

}  // namespace ox
