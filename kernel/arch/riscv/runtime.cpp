// Functions that the compiler and the standard library call. The kernel has no libc, and Debian has no libgcc for lp64.
#include <cstddef>
#include <cstdint>

#include "arch/memory.h"
#include "arch/panic.h"

// Without this, GCC turns the loops of memcpy and memset into calls of memcpy and memset.
#pragma GCC optimize("no-tree-loop-distribute-patterns")

namespace {

using Word = std::uint64_t __attribute__((may_alias));

constexpr std::size_t page_words = 512;

// The bytes from the start of the word to `address`. always_inline, because GCC does not inline under the pragma.
[[gnu::always_inline]] inline std::size_t misaligned(const void* address) {
  return reinterpret_cast<std::uintptr_t>(address) % sizeof(Word);
}

}  // namespace

namespace ox {

// 1,024 loads and stores and a few more instructions: most of the cost of a copy-on-write fault.
void copy_page(void* to, const void* from) {
#pragma GCC unroll 512
  for (std::size_t i = 0; i < page_words; ++i) static_cast<Word*>(to)[i] = static_cast<const Word*>(from)[i];
}

void zero_page(void* page) {
#pragma GCC unroll 512
  for (std::size_t i = 0; i < page_words; ++i) static_cast<Word*>(page)[i] = 0;
}

}  // namespace ox

extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) {
  auto* target = static_cast<char*>(to);
  const auto* source = static_cast<const char*>(from);
  if (misaligned(to) == misaligned(from)) {
    for (; misaligned(target) != 0 && size > 0; --size) *target++ = *source++;
#pragma GCC unroll 8
    for (; size >= sizeof(Word); size -= sizeof(Word), target += sizeof(Word), source += sizeof(Word)) {
      *reinterpret_cast<Word*>(target) = *reinterpret_cast<const Word*>(source);
    }
  }
  while (size-- > 0) *target++ = *source++;
  return to;
}

void* memmove(void* to, const void* from, std::size_t size) {
  auto* const target = static_cast<char*>(to);
  const auto* const source = static_cast<const char*>(from);
  if (target <= source || target >= source + size) return memcpy(to, from, size);  // it copies upwards
  while (size-- > 0) target[size] = source[size];
  return to;
}

void* memset(void* to, int value, std::size_t size) {
  auto* target = static_cast<char*>(to);
  for (; misaligned(target) != 0 && size > 0; --size) *target++ = static_cast<char>(value);
  const std::uint64_t word = std::uint64_t{0x0101'0101'0101'0101} * static_cast<unsigned char>(value);
  for (; size >= sizeof(Word); size -= sizeof(Word), target += sizeof(Word)) *reinterpret_cast<Word*>(target) = word;
  while (size-- > 0) *target++ = static_cast<char>(value);
  return to;
}

int memcmp(const void* first, const void* second, std::size_t size) {
  const auto* a = static_cast<const unsigned char*>(first);
  const auto* b = static_cast<const unsigned char*>(second);
  for (; size > 0; --size, ++a, ++b) {
    if (*a != *b) return *a - *b;
  }
  return 0;
}

void* memchr(const void* text, int wanted, std::size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(text);
  for (; size > 0; --size, ++bytes) {
    if (*bytes == static_cast<unsigned char>(wanted)) return const_cast<unsigned char*>(bytes);
  }
  return nullptr;
}

std::size_t strlen(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

// The compiler fixes these names. NOLINTBEGIN(readability-identifier-naming)
// libgcc: the number of zeros below the lowest 1 in `x`, which is not 0. Each step halves the bits to search.
int __ctzdi2(std::uint64_t x) {
  int zeros = 0;
  for (int half = 32; half > 0; half /= 2) {
    if (x << (64 - half) != 0) continue;
    x >>= half;
    zeros += half;
  }
  return zeros;
}

[[noreturn]] void __cxa_pure_virtual() { ox::panic("a pure virtual function was called"); }
// NOLINTEND(readability-identifier-naming)

}  // extern "C"

namespace std {

// Called by the checks of -D_GLIBCXX_ASSERTIONS, for example when an index is out of range.
void __glibcxx_assert_fail(const char* file, int line, const char* function, const char* condition) noexcept {
  ox::panic("{}:{}: {}: {} is false", file, line, function, condition);
}

// Called when substr() starts beyond the end. At -O2 the compiler sees that none does, and no call remains.
void __throw_out_of_range_fmt(const char* pattern, ...) { ox::panic("out of range: {}", pattern); }

}  // namespace std
