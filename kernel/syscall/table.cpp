// The functions of all system calls (calls.h), by number.
#include <array>
#include <utility>

#include "syscall/call.h"
#include "syscall/call_log.h"
#include "syscall/serve.h"

namespace ox {

namespace {

Answer unknown(Call call, const TrapFrame& frame) {
  call.kernel().calls.note(frame.a(7), call.self.pid, "is not implemented");
  return Errno::enosys;
}

// Calls a function of calls.h with its arguments, which are in the registers a0 to a5.
template <auto function, class Numbers, class... T>
struct Unpacked;
template <auto function, std::size_t... n, class... T>
struct Unpacked<function, std::index_sequence<n...>, T...> {
  static Answer call(Call call, const TrapFrame& frame) { return function(call, static_cast<T>(frame.a(n))...); }
};
template <auto function, class... T>
constexpr auto entry(Answer (*)(Call, T...)) {
  return Unpacked<function, std::index_sequence_for<T...>, T...>::call;
}

constexpr auto call_table = [] {
  std::array<Answer (*)(Call, const TrapFrame&), 512> by_number{};
  by_number.fill(unknown);
#define OX_CALL(number, name, ...) by_number[number] = entry<sys_##name>(sys_##name);
#include "syscall/calls.h"
#undef OX_CALL
  return by_number;
}();

}  // namespace

Errno serve_system_call(Process& self, TrapFrame& frame) {
  const std::uint64_t number = frame.a(7);
  const Answer answer = call_table[number < call_table.size() ? number : 0]({self}, frame);  // there is no call 0
  if (answer.failed()) {
    const Errno error = answer.error();
    if (error >= Errno::erestart) return error;
    if (error == Errno::einval) self.kernel.calls.note(number, self.pid, "refuses its arguments");
  }
  frame.a(0) = answer.bits();
  return {};
}

}  // namespace ox
