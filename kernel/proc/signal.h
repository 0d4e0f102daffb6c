// Signals of one process: what waits, what is blocked, what it wants done.
//
// Locks: `lock` guards all of it, but for what only the process itself touches. `thread.interrupt` says whether there
// is something to act on, and is kept right with the lock held, so the way to user mode looks at nothing else.
// Fails: setting an action may need memory, nothing else does. A signal waits once, with the details of the last time
// that it was sent; those above 31 (Linux: real-time signals) have none.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "abi/signal.h"
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
  std::int32_t status = 0;
  std::uint64_t first = 0;  // as in abi::siginfo
};

// What is wanted for each signal, where Signals::set says so. Shared by fork, and like a page owned or immutable: who
// has the only reference may write.
struct SignalActions : RefCounted {
  static void destroy(SignalActions* actions) { Slabs::destroy(actions); }

  std::array<abi::sigaction, 64> all;
};

struct Signals {
  SpinLock lock{LockRank::signals};
  std::uint64_t pending = 0;  // bit N - 1 is signal N, as in all masks
  std::uint64_t blocked = 0;  // only the process itself changes it
  std::uint64_t set = 0;      // these have an action that is not the default
  Ref<SignalActions> actions;
  std::array<SigInfo, 32> details;  // by number, of those that are pending
  Atomic<std::int32_t> stopped{0};  // by which signal; 0: it runs
  WaitQueue continued;

  // The process's own.
  std::optional<std::uint64_t> saved_mask;  // what `blocked` is again when the call or its handler returns
  abi::stack_t stack{.ss_flags = abi::ss_disable};

  abi::sigaction action(int signal) const REQUIRES(lock);
  bool ignores(const Process& self, int signal) const REQUIRES(lock);
  void add(int signal, const SigInfo& info) REQUIRES(lock);
};

abi::siginfo to_siginfo(int signal, const SigInfo& info);

// Sends a signal; nothing happens to a process that ignores it, or has ended. May be called with other locks held, and
// from interrupts.
void send_signal(Process& target, int signal, const SigInfo& info = {});
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
abi::sigaction action_of(Process& process, int signal);
Result<> set_action(Process& self, int signal, const abi::sigaction& action);
void drop_actions(Process& self);
void copy_signals(const Process& from, Process& to);
void reset_signals_for_exec(Process& self);

// --- deliver.cpp
// On the way to user mode: runs handlers, stops, does not return if a signal ends the process. `interrupted`: what
// ended the system call that is to be made again, with the frame as the call found it; Errno() if there is none.
void deliver_signals(Process& self, Errno interrupted = Errno());
// rt_sigreturn(2).
void return_from_handler(Process& self);
// sigaltstack(2).
abi::stack_t signal_stack(Process& self);
Result<> set_signal_stack(Process& self, const abi::stack_t& stack);
// The page with the code that a handler returns to; one frame, mapped into every process.
Result<FrameRef> make_signal_page(Memory& memory);
inline constexpr VirtAddr signal_page = stack_top;

}  // namespace ox
