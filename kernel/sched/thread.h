// Threads, which the scheduler switches between. A process has one thread (proc/), and each hart has an idle thread.
//
// Owned by: the process, or the hart's start-up code. Locks: `lock` guards `state`. It is held across the switch away
// from the thread, and the next thread releases it, so a thread cannot be woken before its registers are saved.
// `interrupt` and `killed` are written under the lock of the process's signals (signal/), and set before the thread is
// woken. `run_hook` and `wait_hook` belong to the lock of the queue. Any hart may read `hart`, and the times, which may
// be a slice behind. Only the hart that runs the thread uses the other members.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "lib/list.h"
#include "sched/kernel_stack.h"
#include "sched/timer.h"
#include "sync/spinlock.h"

namespace ox {

class AddressSpace;
class Scheduler;
struct Process;

// Callee-saved registers of a thread that is switched out; arch/riscv/switch.S knows the layout.
struct Context {
  std::uint64_t ra = 0;
  std::uint64_t sp = 0;
  std::array<std::uint64_t, 12> s{};
};
static_assert(offsetof(Context, ra) == 0 && offsetof(Context, sp) == 8 && offsetof(Context, s) == 16);

// f0 to f31 and fcsr; arch/riscv/switch.S knows the layout.
struct FpState {
  std::array<std::uint64_t, 32> f{};
  std::uint64_t fcsr = 0;
};
static_assert(offsetof(FpState, f) == 0 && offsetof(FpState, fcsr) == 256);

enum class ThreadState : std::uint8_t { awake, sleeping, exited };

// Whether a signal ends a sleep too (Linux: TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE). It may wake either.
enum class Wake : bool { by_signals_too, by_condition_only };

struct Thread final : Timer {
  explicit Thread(Scheduler& its_scheduler, Process* its_process = nullptr, int its_pid = 0)
      : scheduler(&its_scheduler), process(its_process), pid(its_pid) {}

  Scheduler* scheduler;
  Process* process;  // the process that has this thread; null: an idle thread
  int pid;           // for messages
  Context context;
  KernelStack stack;
  AddressSpace* space = nullptr;          // null: it runs on the kernel's root
  std::uint64_t* user_sstatus = nullptr;  // in its trap frame: FS says whether the FP registers are to be saved
  FpState fp;
  SpinLock lock{LockRank::thread};
  ThreadState state GUARDED_BY(lock) = ThreadState::awake;
  Atomic<bool> interrupt{false};  // a signal is pending: a sleep ends with Errno::erestart
  Atomic<bool> killed{false};     // SIGKILL is pending: long work ends early
  Atomic<unsigned> hart{0};       // the hart that runs it, or ran it last
  ListHook<Thread> run_hook;
  ListHook<Thread> wait_hook;
  std::uint64_t run_time = 0;     // in ticks of the time CSR, up to the last switch
  std::uint64_t switched_in = 0;  // when it began to run; 0: it does not run now
  std::uint64_t used_time() const { return run_time + (switched_in != 0 ? csr_read<Csr::time>() - switched_in : 0); }

 private:
  std::uint64_t expired(std::uint64_t now) override;  // wakes it: its sleep has reached the deadline
};

inline bool this_thread_is_killed() { return this_hart().current->killed.load(relaxed); }

}  // namespace ox
