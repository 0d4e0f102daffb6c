// Arch contract on the host: each hart is a thread, or one thread plays all harts in turn.
#pragma once

#include <thread>

#include "arch/panic.h"

namespace ox {

inline constexpr unsigned max_harts = 8;

namespace sim {
inline const std::thread::id first_thread = std::this_thread::get_id();
inline thread_local unsigned current_hart = 0;
inline thread_local bool current_hart_may_use_reserve = false;
// Counts this operation's looks at RAM, fences and windows for interrupts. An endless loop does one of these again and
// again, so a limit ends it.
inline constinit thread_local unsigned current_steps = 0;
inline constexpr unsigned most_steps = 20'000'000;
inline void count_step() {
  if (++current_steps > most_steps) panic("simulator: after {} steps this operation has not ended", most_steps);
}
}  // namespace sim

inline unsigned hart_index() { return sim::current_hart; }
inline bool may_use_reserve() { return sim::current_hart_may_use_reserve; }
inline void let_interrupts_in() {}
inline void interrupt_window() { sim::count_step(); }
// A test's own thread waits for a lock only if nobody will ever release it: harts that wait for each other are threads
// of their own.
inline void spin_hint() {
  if (std::this_thread::get_id() == sim::first_thread) panic("simulator: hart {} waits for ever", sim::current_hart);
  std::this_thread::yield();
}

}  // namespace ox
