// The functions of all system calls (calls.h), by number.
#include <array>

#include "syscall/call.h"

namespace ox {

namespace {

using Function = Answer (*)(Call&);

constexpr std::size_t table_size = 512;

constexpr std::array<Function, table_size> table = [] {
  std::array<Function, table_size> by_number{};
#define OX_CALL(number, name) by_number[number] = sys_##name;
#include "syscall/calls.h"
#undef OX_CALL
  return by_number;
}();

}  // namespace

void serve_system_call(Process& self) {
  TrapFrame& frame = self.frame();
  const std::uint64_t number = frame.a(7);
  const std::uint64_t first = frame.a(0);
  Call call{self.kernel, self, frame};
  Answer answer = Errno::enosys;
  if (number < table.size() && table[number] != nullptr) {
    answer = table[number](call);
  } else {
    self.kernel.note_call(number, self.pid, "is not implemented");
  }
  if (!answer && answer.error() == Errno::einval) [[unlikely]]
    self.kernel.note_call(number, self.pid, "refuses its arguments");
  if (!answer && answer.error() >= Errno::erestart) [[unlikely]]
    return interrupt_call(self, answer.error(), first);
  frame.a(0) = answer ? *answer : static_cast<std::uint64_t>(-static_cast<std::int64_t>(answer.error()));
}

}  // namespace ox
