// The functions of all system calls (calls.h), by number.
#include <algorithm>
#include <array>
#include <utility>

#include "signal/deliver.h"
#include "syscall/call.h"
#include "syscall/call_log.h"
#include "syscall/system_call.h"

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
#define OX_CALL(number, name, ...)                       \
  if (by_number[number] != unknown) panic("used twice"); \
  by_number[number] = entry<sys_##name>(sys_##name);
#include "syscall/calls.h"
#undef OX_CALL
  return by_number;
}();

}  // namespace

// Puts -errno into a0. The kernel's internal errors (lib/errno.h) never reach the user: the call is made again, or
// rt_sigreturn(2) has set the whole frame.
static void refuse(TrapFrame& frame, Errno error) {
  Process& self = Process::current();
  if (error == Errno::frame_is_set) return;
  if (error >= Errno::erestart) return deliver_signals(self, error);
  frame.a(0) = -static_cast<std::uint64_t>(error);
  if (error == Errno::einval) self.kernel.calls.note(frame.a(7), self.pid, "refuses its arguments");
}

void system_call(Process& self, TrapFrame& frame) {
  self.spurious_faults = 0;
  frame.pc() += 4;                                   // past the ecall
  const std::uint64_t last = call_table.size() - 1;  // an unknown call: all numbers beyond the table become this one
  const Answer answer = call_table[std::min(frame.a(7), last)]({self}, frame);
  if (!answer) [[unlikely]]
    return refuse(frame, answer.error());
  frame.a(0) = *answer;
}

}  // namespace ox
