// Errors are values: Result<T> holds a T or an Errno and may not be ignored.
// It is std::expected made [[nodiscard]]; TRY unwraps one or returns its error to the caller.
#pragma once

#include <expected>
#include <utility>

#include "lib/errno.h"

namespace ox {

template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Errno> {
 public:
  using std::expected<T, Errno>::expected;
  constexpr Result(Errno error) : std::expected<T, Errno>(std::unexpected(error)) {}

  constexpr bool is(Errno error) const { return !this->has_value() && this->error() == error; }
};

// std::expected's own operator* assumes success; these are for TRY only.
template <class T>
constexpr T unwrap(Result<T>&& result) {
  return std::move(*result);
}
constexpr void unwrap(Result<void>&&) {}

}  // namespace ox

// `auto x = TRY(f());` A GNU statement expression, as in Serenity and Linux: the only way to return from inside one.
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
