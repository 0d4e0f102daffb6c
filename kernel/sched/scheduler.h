// The scheduler: round robin on every hart. Each hart has a queue of runnable threads. A hart whose queue is empty
// takes a thread from another queue that has one to spare; if there is none it waits for an interrupt (WFI).
//
// A hart has a thread to spare while it is busy: since its queue was last empty, two threads have waited at once, or
// one that yielded. One thread that was just woken, or just made, is none to spare: mostly the thread that woke it is
// about to sleep, as a parent that forks and waits. (A hart that is woken to take one of two comes microseconds later,
// when mostly one is left. So it takes that one.)
//
// Owns: the queues; threads belong to their processes and harts. Locks: one for each queue, one for each hart's list of
// timers. A thread is on a run queue only while its registers are saved. Fails: nothing here needs memory.
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
  // `timebase`: ticks of the time CSR in a second, from the device tree. `reap` is called with a thread that will never
  // run again, on another thread's stack.
  Scheduler(Memory& memory, std::size_t harts, std::uint64_t timebase, void (*reap)(Thread& thread))
      : memory_(memory), harts_(static_cast<unsigned>(harts)), timebase_(timebase), reap_(reap) {}

  // Makes the caller the hart's idle thread, and runs other threads from here on.
  [[noreturn]] void run(Thread& idle);

  // Makes a new thread runnable.
  void add(Thread& thread);
  // Lets other threads run. Returns when it is this thread's turn again.
  void yield();
  // yield() in the middle of long work (interrupt_window). Does nothing while this hart has stopped the others, or
  // while a sink gets memory events, which must not be interleaved.
  void give_way();
  // Whether some thread is still in give_way(). The references to frames that its work moves may not be settled.
  bool midway() const { return midway_.load(relaxed) != 0; }
  // Ends the calling thread, which is reaped when its stack is no longer used.
  [[noreturn]] void exit();
  // Completes a switch; a new thread calls it first. Not inlined: the compiler may keep the value of `tp` across a
  // switch, after which the thread may be on another hart.
  [[gnu::noinline]] void finish_switch();

  // sleep() releases `lock` and holds it again when it returns. Errno::erestart: a signal is pending. Success says only
  // that the thread was woken, maybe by a signal or a timer: it must test its condition again.
  Result<> sleep(Thread& thread, SpinLock& lock, Wake wake) REQUIRES(lock);
  // Wakes the thread if it sleeps. Before that it releases the lock `held`, so that the thread need not wait for it.
  // The thread cannot end in between, even if nothing but that lock kept it alive. It may be gone when wake() returns.
  void wake(Thread& thread, SpinLock* held = nullptr);
  // Called after thread.interrupt is set. Interrupts the hart that runs the thread, or ran it last, if it is another:
  // so the thread sees the flag.
  void interrupt(const Thread& thread);

  // Sleeps until `deadline`, in ticks of the time CSR. Errno::erestart if a signal comes first.
  Result<> sleep_until(std::uint64_t deadline);
  // Lets `timer` expire at `deadline`. It must not be armed already.
  void arm(Timer& timer, std::uint64_t deadline);
  void cancel(Timer& timer);
  std::uint64_t timebase() const { return timebase_; }
  // The time that the hart has been idle, in ticks of the time CSR.
  std::uint64_t idle_time(unsigned hart) const { return queues_[hart].idle->used_time(); }

  // Stops all other harts, for work that reads every process's memory (stop.cpp). They wait without locks, on the way
  // to user mode or in the idle loop. The work must be short and must not sleep. False: another hart has stopped this
  // one instead, and is done now.
  bool stop_others();
  void let_others_go();
  template <class F>
  void alone(F f) {
    while (!stop_others()) {
    }
    f();
    let_others_go();
  }
  // Whether some hart wants the others to stop.
  bool stopping() const { return stopper_.load(relaxed) != nobody; }
  // A hart waits here while another one has stopped it.
  void stop_point() {
    if (stopper_.load(acquire) != nobody) [[unlikely]]
      wait_stopped();
  }

  // Handles the timer interrupt of this hart. Sets Hart::overdue if the running thread has used up its slice, or if the
  // queue was empty before; the thread then yields at its next interrupt_window(), or after an interrupt from user
  // mode.
  void tick();

 private:
  static constexpr std::uint32_t nobody = ~std::uint32_t{0};
  struct alignas(64) HartQueue {
    SpinLock lock{LockRank::run_queue};
    List<Thread, &Thread::run_hook> runnable GUARDED_BY(lock);
    Atomic<std::uint32_t> size{0};
    Atomic<bool> busy{false};  // cleared when the queue is empty
    bool has_one_to_spare() const { return size.load() != 0 && busy.load(); }
    SpinLock timer_lock{LockRank::timers};
    List<Timer, &Timer::hook_> timers GUARDED_BY(timer_lock);
    // Only the queue's own hart uses these.
    std::uint64_t armed = no_deadline;
    std::uint64_t ticked = 0;  // when the last tick() ended
    Thread* idle = nullptr;
    Thread* previous = nullptr;
  };

  HartQueue& here() { return queues_[hart_index()]; }

  void wait_stopped();
  void schedule(Thread& thread) RELEASE(thread.lock);
  void switch_to(Thread& from, Thread& to);
  Thread* pick();
  static Thread* pick_from(HartQueue& queue);
  // `yielded`: the thread was switched out although it could go on.
  void enqueue(Thread& thread, bool yielded = false);
  // Interrupts an idle hart, if there is one and this hart has a thread to spare.
  void offer_a_thread();
  void set_alarm(std::uint64_t when);

  Memory& memory_;
  const unsigned harts_;
  const std::uint64_t timebase_;
  const std::uint64_t slice_ = timebase_ / 100;
  // The shortest time from one tick to the next, so that threads make progress however short the timers are.
  const std::uint64_t shortest_ = slice_ / 10;
  static constexpr unsigned most_at_once = 128;  // timers that expire in one tick
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
