// Acting on signals on the way to user mode: a signal runs a handler, stops the process, or ends it.
#pragma once

#include "proc/process.h"

namespace ox {

// Acts on all pending signals. Does not return if one ends the process. `interrupted`: the restart error of the system
// call that a signal interrupted, with the trap frame as it was when the call was made; Errno() if there was none.
void deliver_signals(Process& self, Errno interrupted = Errno());
inline void act_on_signals(Process& self) {
  if (self.thread.space->is_oom_victim()) [[unlikely]]
    kill_for_memory(self);
  if (self.thread.interrupt.load(relaxed)) [[unlikely]]
    deliver_signals(self);
}

// rt_sigreturn(2).
void return_from_handler(Process& self);
// sigaltstack(2).
abi::stack_t signal_stack(Process& self);
Result<> set_signal_stack(Process& self, const abi::stack_t& stack);
// Makes the page with the code that a handler returns to. Every process maps this one frame at `signal_page`.
Result<FrameRef> make_signal_page(Memory& memory);
inline constexpr VirtAddr signal_page = stack_top;

}  // namespace ox
