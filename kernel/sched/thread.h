// Threads: what the scheduler switches between. A process has one (proc/), each hart an idle one.
//
// Owned by the process, or by the hart's start-up code. Locks: `lock` guards `state`; it is held across the switch away
// from the thread and released on the far side, so nobody wakes a thread whose registers are not saved. `interrupt` is
// written with the lock of the process's signals (signal/), and set before the thread is woken. The rest belongs to
// whoever runs the thread.
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

// What ends a sleep (Linux: TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE).
enum class Wake : bool { by_signals_too, by_condition_only };

struct Thread final : Timer {
  explicit Thread(Scheduler& its_scheduler, Process* its_process = nullptr, int its_pid = 0)
      : scheduler(&its_scheduler), process(its_process), pid(its_pid) {}

  Scheduler* scheduler;
  Process* process;  // whose thread it is; null: a hart's idle one
  int pid;           // for messages
  Context context;
  KernelStack stack;
  AddressSpace* space = nullptr;          // null: on the kernel's root
  std::uint64_t* user_sstatus = nullptr;  // in its trap frame: FS says whether the FP registers are to be saved
  FpState fp;
  SpinLock lock{LockRank::thread};
  ThreadState state GUARDED_BY(lock) = ThreadState::awake;
  Atomic<bool> interrupt{false};  // a signal waits: it is acted on, and sleeping ends with Errno::erestart
  Atomic<bool> killed{false};     // SIGKILL is among them: long work ends early
  Atomic<unsigned> hart{0};       // which runs it, or did last
  ListHook<Thread> run_hook;
  ListHook<Thread> wait_hook;
  std::uint64_t run_time = 0;     // so far, in ticks of the time CSR, up to the last switch
  std::uint64_t switched_in = 0;  // since when it runs; 0: it does not
  std::uint64_t used_time() const { return run_time + (switched_in != 0 ? csr_read<Csr::time>() - switched_in : 0); }

 private:
  std::uint64_t expired(std::uint64_t now) override;  // it has slept long enough
};

inline bool this_thread_is_killed() { return this_hart().current->killed.load(relaxed); }

}  // namespace ox
