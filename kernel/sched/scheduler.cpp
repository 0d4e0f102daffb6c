#include "sched/scheduler.h"

#include <algorithm>
#include <bit>

#include "arch/riscv/sbi.h"
#include "arch/riscv/switch.h"
#include "vm/space.h"

namespace ox {

void Scheduler::run(Thread& idle) {
  HartQueue& queue = here();
  queue.idle = &idle;
  idle.switched_in = csr_read<Csr::time>();
  hartids_[hart_index()] = this_hart().hartid;
  this_hart().current = &idle;
  write_satp(memory_.kernel_root);  // the boot hart must leave the space of init, which it has made
  csr_write<Csr::sie>(sie_SSIE | sie_STIE | sie_SEIE);
  const std::uint32_t bit = std::uint32_t{1} << hart_index();
  running_harts_.fetch_add(1);
  for (;;) {
    stop_point();
    idle.lock.acquire();
    schedule(idle);
    // Announce that this hart is idle, then look at the queues once more. A hart that enqueues a thread first changes
    // its queue, then looks for idle harts. So at least one of the two sees the other.
    idle_harts_.fetch_or(bit);
    const bool work =
        queue.size.load() != 0 || std::any_of(queues_.begin(), queues_.begin() + harts_,
                                              [](const HartQueue& other) { return other.has_one_to_spare(); });
    // A hart that stops the world sets stopper_ and then sends an interrupt. An interrupt window may have taken that
    // interrupt already, so look at stopper_ before waiting for one.
    if (!work && stopper_.load() == nobody) wait_for_interrupt();
    idle_harts_.fetch_and(~bit);
    let_interrupts_in();
  }
}

void Scheduler::add(Thread& thread) {
  enqueue(thread);
  offer_a_thread();
}

void Scheduler::yield() {
  Thread& thread = *this_hart().current;
  thread.lock.acquire();
  schedule(thread);
}

void Scheduler::give_way() {
  SpinLock::check_none_held();
  if (stopper_.load(relaxed) == hart_index() || memory_.trace.sink != nullptr) return;
  midway_.fetch_add(1);
  stop_point();
  yield();
  midway_.fetch_sub(1);
}

void give_way() { this_hart().current->scheduler->give_way(); }

void Scheduler::exit() {
  Thread& thread = *this_hart().current;
  thread.lock.acquire();
  thread.state = ThreadState::exited;
  schedule(thread);
  panic("an exited thread was switched to");
}

// A thread woken by a signal checks its condition again. If the condition still does not hold, its next sleep() returns
// erestart.
Result<> Scheduler::sleep(Thread& thread, SpinLock& lock, Wake wake) {
  thread.lock.acquire();
  if (wake == Wake::by_signals_too && thread.interrupt.load(relaxed)) {
    thread.lock.release();
    return Errno::erestart;
  }
  thread.state = ThreadState::sleeping;
  lock.release();
  schedule(thread);
  lock.acquire();
  return {};
}

void Scheduler::wake(Thread& thread, SpinLock* held) NO_THREAD_SAFETY_ANALYSIS {
  {
    LockGuard guard(thread.lock);  // a thread takes it to sleep, and to end
    if (held != nullptr) held->release();
    if (thread.state != ThreadState::sleeping) return;
    thread.state = ThreadState::awake;
    enqueue(thread);
  }
  offer_a_thread();
}

// The sender sets thread.interrupt and then reads thread.hart. A hart that begins to run the thread sets thread.hart
// and then reads thread.interrupt. So at least one of the two sees the other.
void Scheduler::interrupt(const Thread& thread) {
  const unsigned hart = thread.hart.load(relaxed);
  if (hart != hart_index()) sbi_send_ipi(hartids_[hart]);
}

// Runs another thread if there is one. The caller holds `thread.lock`, which is released on return.
void Scheduler::schedule(Thread& thread) NO_THREAD_SAFETY_ANALYSIS {
  this_hart().overdue = false;
  Thread* next = pick();
  if (next == nullptr) {
    if (thread.process == nullptr || thread.state == ThreadState::awake) return thread.lock.release();
    next = here().idle;
  }
  switch_to(thread, *next);
  finish_switch();
}

void Scheduler::switch_to(Thread& from, Thread& to) {
  HartQueue& queue = here();
  queue.previous = &from;
  this_hart().current = &to;
  this_hart().pid = to.pid;
  this_hart().may_use_reserve = to.pid == 1;
  if (from.user_sstatus != nullptr) fp_save_if_dirty(from.fp, *from.user_sstatus);
  // The full fence in write_satp() also covers the new thread's stack, which another hart may have mapped.
  if (to.space != nullptr) {
    to.space->activate();
  } else {
    write_satp(memory_.kernel_root);
  }
  if (to.user_sstatus != nullptr) fp_restore(to.fp);
  const std::uint64_t now = csr_read<Csr::time>();
  from.run_time += now - from.switched_in;
  from.switched_in = 0;
  to.switched_in = now;
  // Not relaxed, because the thread's signals are looked at next: see interrupt().
  to.hart.store(hart_index());
  if (to.process != nullptr) set_alarm(now + slice_);  // even if the alarm was set for a later timer
  context_switch(from.context, to.context);
}

void Scheduler::finish_switch() NO_THREAD_SAFETY_ANALYSIS {
  Thread& previous = *here().previous;
  const bool exited = previous.state == ThreadState::exited;
  const bool yielded = previous.state == ThreadState::awake && previous.process != nullptr;
  if (yielded) enqueue(previous, true);
  previous.lock.release();
  if (yielded) offer_a_thread();
  if (exited) reap_(previous);
}

// Looks at this hart's queue first, then at the others', beginning with its neighbour's, so that idle harts do not all
// begin with the same one.
Thread* Scheduler::pick() {
  if (Thread* const thread = pick_from(here())) return thread;
  const unsigned me = hart_index();
  for (unsigned i = 1; i < harts_; ++i) {
    HartQueue& other = queues_[(me + i) % harts_];
    if (!other.has_one_to_spare()) continue;
    if (Thread* const thread = pick_from(other)) return thread;
  }
  return nullptr;
}

Thread* Scheduler::pick_from(HartQueue& queue) {
  if (queue.size.load(relaxed) == 0) return nullptr;
  LockGuard guard(queue.lock);
  Thread* const thread = queue.runnable.pop_front();
  if (thread == nullptr) return nullptr;
  queue.size.store(queue.size.load(relaxed) - 1, relaxed);
  if (queue.runnable.front() == nullptr) queue.busy.store(false, relaxed);
  return thread;
}

void Scheduler::enqueue(Thread& thread, bool yielded) {
  HartQueue& queue = here();
  LockGuard guard(queue.lock);
  queue.runnable.push_back(thread);
  if (yielded || queue.size.load(relaxed) != 0) queue.busy.store(true);
  queue.size.store(queue.size.load(relaxed) + 1);
}

void Scheduler::offer_a_thread() {
  if (!here().has_one_to_spare()) return;
  std::uint32_t idle = idle_harts_.load();
  while (idle != 0 && !idle_harts_.compare_exchange_weak(idle, idle & (idle - 1))) {
  }
  if (idle != 0) sbi_send_ipi(hartids_[static_cast<unsigned>(std::countr_zero(idle))]);
}

Result<> Scheduler::sleep_until(std::uint64_t deadline) {
  SpinLock unshared{LockRank::object};
  WaitQueue queue;
  LockGuard guard(unshared);
  for (;;) {
    const Result<> slept = queue.sleep(unshared, Wake::by_signals_too, deadline);
    if (!slept) return slept.error() == Errno::etimedout ? Result<>() : slept;
  }
}

void Scheduler::arm(Timer& timer, std::uint64_t deadline) {
  HartQueue& queue = here();
  LockGuard guard(queue.timer_lock);
  timer.deadline_ = deadline;
  timer.hart_ = hart_index();
  queue.timers.push_back(timer);
  set_alarm(deadline);
}

void Scheduler::cancel(Timer& timer) {
  HartQueue& queue = queues_[timer.hart_];
  LockGuard guard(queue.timer_lock);
  if (timer.hook_.linked) queue.timers.remove(timer);
  timer.deadline_ = no_deadline;
}

std::uint64_t Thread::expired(std::uint64_t) {
  scheduler->wake(*this);
  return no_deadline;
}

// Sets the hart's timer to `when`, unless it is set to an earlier time. Two ticks are at least `shortest_` apart.
void Scheduler::set_alarm(std::uint64_t when) {
  HartQueue& queue = here();
  when = std::max(when, queue.ticked + shortest_);
  if (when >= queue.armed) return;
  queue.armed = when;
  sbi_set_timer(when);
}

// A thread that is woken goes to the end of the queue like any other. The running thread yields before its slice is
// over only if the queue was empty: then a thread that a timer woke is next.
void Scheduler::tick() {
  HartQueue& queue = here();
  const Thread& thread = *this_hart().current;
  const bool alone = queue.size.load(relaxed) == 0;
  const std::uint64_t now = csr_read<Csr::time>();
  std::uint64_t next = no_deadline;
  unsigned served = 0;
  {
    LockGuard guard(queue.timer_lock);
    for (Timer* timer = queue.timers.front(); timer != nullptr;) {
      Timer* const after = queue.timers.after(*timer);
      if (timer->deadline_ <= now && served++ < most_at_once) {
        timer->deadline_ = timer->expired(now);
        queue.timers.remove(*timer);
        if (timer->deadline_ != no_deadline) queue.timers.push_back(*timer);
      }
      next = std::min(next, timer->deadline_);
      timer = after;
    }
  }
  if (thread.process != nullptr) {
    const bool over = now - thread.switched_in >= slice_;
    this_hart().overdue = alone || over;
    next = std::min(next, (over ? now : thread.switched_in) + slice_);
  }
  // Setting the timer also clears the pending interrupt, so it is set even without a deadline.
  queue.ticked = csr_read<Csr::time>();
  queue.armed = next == no_deadline ? next : std::max(next, queue.ticked + shortest_);
  sbi_set_timer(queue.armed);
}

}  // namespace ox
