// `#!` at a file's start: another program is run instead, with the file as its argument.
//
// Owns: a page for the words. Fails: Errno::enoexec if the line names no program or is too long, Errno::eloop when
// interpreters are scripts too often.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "fs/byte_source.h"
#include "lib/result.h"
#include "vm/memory.h"

namespace ox {

class Script {
 public:
  // `path` is what was to be run.
  static Result<Script> begin(Memory& memory, std::string_view path);

  // True: `file` is a script, and path() is its interpreter now.
  Result<bool> follow(const ByteSource& file);
  std::string_view path() const { return words_[count_ - 1]; }
  bool any() const { return count_ > 1; }
  // What stands in argv before the second of the original arguments, the last first.
  std::span<const std::string_view> words() const { return {words_.data(), count_}; }

 private:
  static constexpr std::size_t longest_line = 256;  // Linux: BINPRM_BUF_SIZE
  static constexpr std::size_t most_scripts = 5;

  FrameRef page_;
  std::size_t scripts_ = 0;
  std::size_t count_ = 1;
  std::array<std::string_view, 1 + 2 * most_scripts> words_;
};

}  // namespace ox
