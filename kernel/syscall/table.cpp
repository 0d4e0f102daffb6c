// The functions of all system calls (calls.h), by number.
#include <array>
#include <utility>

#include "syscall/call.h"

namespace ox {

namespace {

Answer unknown(Call call, const TrapFrame& frame) {
  call.kernel().note_call(frame.a(7), call.self.pid, "is not implemented");
  return Errno::enosys;
}

Answer later(Call, const TrapFrame&) { return Errno::needs_frame; }

// Finds a function's arguments in the registers. It only jumps there, so it needs no frame of its own.
template <auto function, class Numbers, class... T>
struct Unpacked;
template <auto function, std::size_t... n, class... T>
struct Unpacked<function, std::index_sequence<n...>, T...> {
  [[gnu::optimize("omit-frame-pointer")]] static Answer call(Call call, const TrapFrame& frame) {
    return function(call, static_cast<T>(frame.a(n))...);
  }
};
template <auto function, class... T>
constexpr auto entry(Answer (*)(Call, T...)) {
  return Unpacked<function, std::index_sequence_for<T...>, T...>::call;
}

constexpr CallTable make_table(bool of_frame) {
  CallTable by_number{};
  by_number.fill(unknown);
#define OX_CALL(number, name, ...) by_number[number] = entry<sys_##name>(sys_##name);
#define OX_CALL_OF_FRAME(number, name, ...) by_number[number] = of_frame ? entry<sys_##name>(sys_##name) : later;
#include "syscall/calls.h"
#undef OX_CALL_OF_FRAME
#undef OX_CALL
  return by_number;
}

}  // namespace

constexpr CallTable call_table = make_table(false);
constexpr CallTable call_table_of_frame = make_table(true);

// The call's arguments are still in the frame.
Errno refuse(Process& self, TrapFrame& frame, Answer answer) {
  const Errno error = answer.error();
  if (error >= Errno::erestart) return error;
  if (error == Errno::einval) self.kernel.note_call(frame.a(7), self.pid, "refuses its arguments");
  frame.a(0) = answer.bits();
  return {};
}

}  // namespace ox
