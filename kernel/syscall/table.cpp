// The functions of all system calls (calls.h), by number.
#include <array>

#include "syscall/call.h"

namespace ox {

namespace {

using Function = Answer (*)(Call&);

constexpr std::size_t table_size = 512;

Answer unknown(Call& call) {
  call.kernel.note_call(call.frame.a(7), call.self.pid, "is not implemented");
  return Errno::enosys;
}

constexpr std::array<Function, table_size> table = [] {
  std::array<Function, table_size> by_number{};
  by_number.fill(unknown);
#define OX_CALL(number, name) by_number[number] = sys_##name;
#include "syscall/calls.h"
#undef OX_CALL
  return by_number;
}();

// The call's arguments are still in the frame.
[[gnu::noinline]] void refuse(Process& self, Errno error) {
  TrapFrame& frame = self.frame();
  if (error == Errno::einval) self.kernel.note_call(frame.a(7), self.pid, "refuses its arguments");
  if (error >= Errno::erestart) return interrupt_call(self, error, frame.a(0));
  frame.a(0) = static_cast<std::uint64_t>(-static_cast<std::int64_t>(error));
}

}  // namespace

void serve_system_call(Process& self, TrapFrame& frame) {
  Call call{self.kernel, self, frame};
  const std::uint64_t number = frame.a(7);
  const Answer answer = (number < table.size() ? table[number] : unknown)(call);
  if (!answer) [[unlikely]]
    return refuse(self, answer.error());
  frame.a(0) = *answer;
}

}  // namespace ox
