// Errors are values: Result<T> holds a T or an Errno and may not be ignored. TRY unwraps one or returns its error to
// the caller. It is std::expected made [[nodiscard]].
#pragma once

#include <concepts>
#include <expected>
#include <utility>

#include "lib/errno.h"

namespace ox {

// The error of exec, for a program that the kernel refuses. `reason` is a sentence that says what is wrong with the
// file and what to do about it.
struct Refusal {
  constexpr Refusal(Errno its_error) : error(its_error) {}
  constexpr explicit Refusal(const char* its_reason) : error(Errno::enoexec), reason(its_reason) {}

  Errno error;
  const char* reason = nullptr;  // null: there is only the error number
};

template <class T = void, class E = Errno>
class [[nodiscard]] Result : public std::expected<T, E> {
 public:
  using std::expected<T, E>::expected;
  constexpr Result(std::convertible_to<E> auto error) : std::expected<T, E>(std::unexpected(E(error))) {}

  constexpr bool is(Errno error) const { return !this->has_value() && this->error() == error; }
};

// For TRY only: operator* of std::expected assumes success.
template <class T, class E>
constexpr T unwrap(Result<T, E>&& result) {
  return std::move(*result);
}
template <class E>
constexpr void unwrap(Result<void, E>&&) {}

}  // namespace ox

// `auto x = TRY(f());` A GNU statement expression, as in Serenity and Linux: nothing else lets an expression return
// from the function that it is in.
#define TRY(expression) OX_TRY(OX_TRY_NAME(__COUNTER__), expression)
#define OX_TRY_NAME(number) OX_TRY_JOIN(try_result_, number)
#define OX_TRY_JOIN(name, number) name##number
#define OX_TRY(result, expression)   \
  ({                                 \
    auto result = (expression);      \
    if (!result) [[unlikely]]        \
      return result.error();         \
    ::ox::unwrap(std::move(result)); \
  })
