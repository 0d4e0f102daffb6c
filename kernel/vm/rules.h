// The rules that vm/ keeps. README.md in this folder explains each; `make lint` compares the sentences.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "arch/panic.h"

namespace ox {

inline constexpr std::array<std::string_view, 14> rule_sentences{
    // 1
    "A frame's count is the number of references to it: entries in live tables, roots, and the kernel's own handles.",
    // 2
    "Only an owned table may be written: it and every table above it have count 1. Every other table is immutable.",
    // 3
    "MAY_WRITE says that the process may write the page; W needs MAY_WRITE, an owned path and a frame of count 1.",
    // 4
    "The last owner copies nothing: below an owned path, a table or page of count 1 is taken as it is.",
    // 5
    "A table's group bits cover every entry in use and every entry that may lead to a W; a shared table has no W "
    "below.",
    // 6
    "The fence comes after an entry is replaced or loses a permission, and before the old frame is dropped.",
    // 7
    "An address space has one thread, so one hart at a time translates through it, and no other needs a fence.",
    // 8
    "A tree has no lock: only the hart that runs its process touches it, and counts are atomic.",
    // 9
    "The kernel reaches user memory by the user's own way: the same walk, and the same fault.",
    // 10
    "Out of memory is an answer: a call fails and changes nothing that a program sees; a fault kills its process "
    "alone.",
    // 11
    "Unmapping owns the tables at both edges first; after that it needs no memory: detach, fence, drop.",
    // 12
    "No frame reaches a user, or becomes a table, with old bytes in it, and nobody writes a free frame.",
    // 13
    "No mapping is both writable and executable, the kernel's included, and the kernel cannot use user mappings.",
    // 14
    "A file is a holder like any process: it writes in place only a frame of count 1, or one that is mapped shared.",
};

// A panic whose last lines are the rule that is broken and where to read on.
template <class... Arguments>
[[noreturn]] [[gnu::cold, gnu::noinline]] void panic_rule(unsigned rule, PanicPattern pattern, Arguments... arguments) {
  TextBuffer<600> text;
  format(text, "rule {}: ", rule);
  pattern.print(text, arguments...);
  format(text, "\r\nox: Rule {}: {}\r\nox: Read on: kernel/vm/README.md, rule {}", rule, rule_sentences[rule - 1],
         rule);
  panic_text(text.text());
}

}  // namespace ox
