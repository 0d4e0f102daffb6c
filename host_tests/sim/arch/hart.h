// Arch contract on the host: each hart is a thread, or one thread plays all harts in turn.
#pragma once

#include <thread>

namespace ox {

inline constexpr unsigned max_harts = 8;

namespace sim {
inline thread_local unsigned current_hart = 0;
inline thread_local bool current_hart_may_use_reserve = false;
// Of this operation. A fault that changes nothing is taken again for ever, and fences each time.
inline thread_local unsigned current_fences = 0;
inline constexpr unsigned most_fences = 1'000'000;
}  // namespace sim

inline unsigned hart_index() { return sim::current_hart; }
inline bool may_use_reserve() { return sim::current_hart_may_use_reserve; }
inline void let_interrupts_in() {}
inline void interrupt_window() {}
inline void spin_hint() { std::this_thread::yield(); }

}  // namespace ox
