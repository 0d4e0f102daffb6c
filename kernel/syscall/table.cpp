// The functions of all system calls (calls.h), by number.
#include <array>

#include "syscall/call.h"

namespace ox {

namespace {

Answer unknown(Call& call) {
  call.kernel.note_call(call.frame.a(7), call.self.pid, "is not implemented");
  return Errno::enosys;
}

Answer later(Call&) { return Errno::needs_frame; }

}  // namespace

constexpr std::array<Answer (*)(Call&), call_table_size> call_table = [] {
  std::array<Answer (*)(Call&), call_table_size> by_number{};
  by_number.fill(unknown);
#define OX_CALL(number, name) by_number[number] = sys_##name;
#define OX_CALL_OF_FRAME(number, name) by_number[number] = later;
#include "syscall/calls.h"
#undef OX_CALL_OF_FRAME
#undef OX_CALL
  return by_number;
}();

Answer serve_call_of_frame(Call& call) {
  switch (call.frame.a(7)) {
#define OX_CALL(number, name)
#define OX_CALL_OF_FRAME(number, name) \
  case number:                         \
    return sys_##name(call);
#include "syscall/calls.h"
#undef OX_CALL_OF_FRAME
#undef OX_CALL
    default:
      return unknown(call);
  }
}

// The call's arguments are still in the frame.
Errno refuse(Process& self, TrapFrame& frame, Answer answer) {
  const Errno error = answer.error();
  if (error >= Errno::erestart) return error;
  if (error == Errno::einval) self.kernel.note_call(frame.a(7), self.pid, "refuses its arguments");
  frame.a(0) = answer.bits();
  return {};
}

}  // namespace ox
