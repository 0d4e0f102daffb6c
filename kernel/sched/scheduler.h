// Round robin on every hart: a queue of runnable threads each, stealing when one's own is empty, WFI when all are.
//
// Owns: the queues; threads belong to others. Locks: one a queue, one a hart's list of timers. A thread is on a run
// queue only when its registers are saved. Fails: nothing here needs memory.
#pragma once

#include <array>
#include <cstdint>

#include "lib/list.h"
#include "sched/thread.h"
#include "sched/wait_queue.h"
#include "vm/memory.h"

namespace ox {

class Scheduler {
 public:
  // `timebase`: ticks of the time CSR a second, from the device tree. `reap` is called, on another stack, with a thread
  // that will never run again.
  Scheduler(Memory& memory, std::size_t harts, std::uint64_t timebase, void (*reap)(Thread& thread))
      : memory_(memory), harts_(static_cast<unsigned>(harts)), timebase_(timebase), reap_(reap) {}

  // Makes the calling hart's stack its idle thread and runs the others from here on.
  [[noreturn]] void run(Thread& idle);

  // A new thread, ready to run.
  void add(Thread& thread);
  // Lets others run; returns when it is this thread's turn again.
  void yield();
  // The same in the middle of long work (interrupt_window), unless somebody must not be kept waiting or disturbed by
  // it: who has stopped the others, or who listens to what happens to memory.
  void give_way();
  // Whether some thread has given way and not gone on: then references to frames are on their way.
  bool midway() const { return midway_.load(relaxed) != 0; }
  // The calling thread ends, and is reaped when its stack is no longer used.
  [[noreturn]] void exit();
  // First thing on a new thread's stack. Not inlined: the compiler may keep what it has read of `tp` across a switch,
  // and the thread may be on another hart then.
  [[gnu::noinline]] void finish_switch();

  // For wait queues: sleep() lets go of `lock` and has it again when it returns. Errno::erestart: a signal waits.
  Result<> sleep(Thread& thread, SpinLock& lock, Wake wake) REQUIRES(lock);
  void wake(Thread& thread);
  // thread.interrupt has been set: wakes it if it sleeps, and makes it look if another hart runs it.
  void interrupt(Thread& thread);

  // Errno::erestart if a signal came first.
  Result<> sleep_until(std::uint64_t deadline);
  // `timer` goes off at `deadline`; it may not be armed already.
  void arm(Timer& timer, std::uint64_t deadline);
  void cancel(Timer& timer);
  std::uint64_t timebase() const { return timebase_; }
  // How long it has had nothing to do.
  std::uint64_t idle_time(unsigned hart) const { return queues_[hart].idle->used_time(); }

  // For who looks at everybody's memory (stop.cpp): every other hart waits, holding nothing, at its way to user mode or
  // idle. What is done meanwhile is short, and does not sleep. False: another hart does this now; this one has waited
  // for it.
  bool stop_others();
  void let_others_go();
  template <class F>
  void alone(F f) {
    while (!stop_others()) {
    }
    f();
    let_others_go();
  }
  // Where a hart waits if it is to.
  void stop_point() {
    if (stopper_.load(acquire) != nobody) [[unlikely]]
      wait_stopped();
  }

  // The timer's interrupt on this hart. It sets Hart::overdue when the thread that runs has had its slice, or has been
  // alone until now: then it yields at its next interrupt_window(), or before it goes on in user mode.
  void tick();

 private:
  static constexpr std::uint32_t nobody = ~std::uint32_t{0};
  struct alignas(64) HartQueue {
    SpinLock lock{LockRank::run_queue};
    List<Thread, &Thread::run_hook> runnable GUARDED_BY(lock);
    Atomic<std::uint32_t> size{0};
    SpinLock timer_lock{LockRank::timers};
    List<Timer, &Timer::hook_> timers GUARDED_BY(timer_lock);
    // Only its hart touches these.
    std::uint64_t armed = no_deadline;
    std::uint64_t ticked = 0;  // when the last tick was over
    Thread* idle = nullptr;
    Thread* previous = nullptr;
  };

  HartQueue& here() { return queues_[hart_index()]; }

  void wait_stopped();
  void schedule(Thread& thread) RELEASE(thread.lock);
  void switch_to(Thread& from, Thread& to);
  Thread* pick();
  static Thread* pick_from(HartQueue& queue);
  void enqueue(Thread& thread);
  void kick_idle_hart();
  void set_alarm(std::uint64_t when);

  Memory& memory_;
  const unsigned harts_;
  const std::uint64_t timebase_;
  const std::uint64_t slice_ = timebase_ / 100;
  // From one tick to the next, so that threads get on, however short the times that they ask for.
  const std::uint64_t shortest_ = slice_ / 10;
  static constexpr unsigned most_at_once = 128;  // timers that go off in one tick
  void (*const reap_)(Thread& thread);
  Atomic<std::uint32_t> running_harts_{0};
  Atomic<std::uint32_t> stopper_{nobody};
  Atomic<std::uint32_t> stopped_{0};
  Atomic<std::uint32_t> idle_harts_{0};
  Atomic<std::uint32_t> midway_{0};
  std::array<HartQueue, max_harts> queues_;
  std::array<std::uint64_t, max_harts> hartids_{};
};

}  // namespace ox
