// Acting on signals, on the way to user mode: a handler's frame on the user's stack, stopping, the end.
#pragma once

#include "proc/process.h"

namespace ox {

// Runs handlers, stops, does not return if a signal ends the process. `interrupted`: what ended the system call that is
// to be made again, with the frame as the call found it; Errno() if there is none.
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
// The page with the code that a handler returns to; one frame, mapped into every process.
Result<FrameRef> make_signal_page(Memory& memory);
inline constexpr VirtAddr signal_page = stack_top;

}  // namespace ox
