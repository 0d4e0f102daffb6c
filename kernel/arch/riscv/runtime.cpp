// What the compiler and the standard library take for granted: there is no libc, and no libgcc for lp64.
#include <cstddef>
#include <cstdint>

#include "arch/panic.h"
#include "lib/page.h"

// Or the loops below become calls of themselves.
#pragma GCC optimize("no-tree-loop-distribute-patterns")

namespace {

using Word = std::uint64_t __attribute__((may_alias));

constexpr std::size_t page_words = 512;
constexpr std::size_t round_words = 128;

// always_inline: the pragma keeps GCC from inlining it by itself.
[[gnu::always_inline]] inline bool aligned(const void* first, const void* second) {
  return ((reinterpret_cast<std::uintptr_t>(first) | reinterpret_cast<std::uintptr_t>(second)) % sizeof(Word)) == 0;
}

}  // namespace

namespace ox {

// 1,024 loads and stores and a few instructions more: most of what a copy-on-write fault costs.
void copy_page(void* to, const void* from) {
  auto* target = static_cast<Word*>(to);
  const auto* source = static_cast<const Word*>(from);
  for (const Word* const end = target + page_words; target != end; target += round_words, source += round_words) {
#pragma GCC unroll 128
    for (std::size_t i = 0; i < round_words; ++i) target[i] = source[i];
  }
}

void zero_page(void* page) {
  auto* target = static_cast<Word*>(page);
  for (const Word* const end = target + page_words; target != end; target += round_words) {
#pragma GCC unroll 128
    for (std::size_t i = 0; i < round_words; ++i) target[i] = 0;
  }
}

}  // namespace ox

extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) {
  auto* target = static_cast<char*>(to);
  const auto* source = static_cast<const char*>(from);
  if (aligned(to, from)) {
    for (; size >= 8 * sizeof(Word); size -= 8 * sizeof(Word), target += 8 * sizeof(Word), source += 8 * sizeof(Word)) {
#pragma GCC unroll 8
      for (std::size_t i = 0; i < 8; ++i) {
        reinterpret_cast<Word*>(target)[i] = reinterpret_cast<const Word*>(source)[i];
      }
    }
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
  if (target <= source || target >= source + size) return memcpy(to, from, size);  // which goes upwards
  while (size-- > 0) target[size] = source[size];
  return to;
}

void* memset(void* to, int value, std::size_t size) {
  auto* target = static_cast<char*>(to);
  if (aligned(to, to)) {
    const std::uint64_t word = std::uint64_t{0x0101'0101'0101'0101} * static_cast<unsigned char>(value);
    for (; size >= sizeof(Word); size -= sizeof(Word), target += sizeof(Word)) *reinterpret_cast<Word*>(target) = word;
  }
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

// libgcc's, under its names. NOLINTBEGIN(readability-identifier-naming)
std::uint32_t __bswapsi2(std::uint32_t x) {
  x = (x & 0x00ff'00ff) << 8 | (x >> 8 & 0x00ff'00ff);
  return x << 16 | x >> 16;
}

std::uint64_t __bswapdi2(std::uint64_t x) {
  return std::uint64_t{__bswapsi2(static_cast<std::uint32_t>(x))} << 32 |
         __bswapsi2(static_cast<std::uint32_t>(x >> 32));
}

int __popcountdi2(std::uint64_t x) {
  x -= x >> 1 & 0x5555'5555'5555'5555;
  x = (x & 0x3333'3333'3333'3333) + (x >> 2 & 0x3333'3333'3333'3333);
  x = (x + (x >> 4)) & 0x0f0f'0f0f'0f0f'0f0f;
  return static_cast<int>(x * 0x0101'0101'0101'0101 >> 56);
}

// A de Bruijn sequence: the 6 bits at each position differ, so the product's top bits name the lowest bit set.
int __ctzdi2(std::uint64_t x) {
  constexpr std::uint64_t sequence = 0x022f'dd63'cc95'386d;
  constexpr static unsigned char position[64] = {0,  1,  2,  53, 3,  7,  54, 27, 4,  38, 41, 8,  34, 55, 48, 28,
                                                 62, 5,  39, 46, 44, 42, 22, 9,  24, 35, 59, 56, 49, 18, 29, 11,
                                                 63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21, 23, 58, 17, 10,
                                                 51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12};
  return position[(x & -x) * sequence >> 58];
}

int __clzdi2(std::uint64_t x) {
  for (int shift = 1; shift < 64; shift *= 2) x |= x >> shift;
  return 64 - __popcountdi2(x);
}

[[noreturn]] void __cxa_pure_virtual() { ox::panic("a pure virtual function was called"); }
// NOLINTEND(readability-identifier-naming)

}  // extern "C"

namespace std {

// -D_GLIBCXX_ASSERTIONS: an index out of range and the like.
void __glibcxx_assert_fail(const char* file, int line, const char* function, const char* condition) noexcept {
  ox::panic("{}:{}: {}: {} is false", file, line, function, condition);
}

}  // namespace std
