// The initial stack of a new program (the psABI's "process stack and registers"; Linux: create_elf_tables):
//
//     sp -> argc | argv[0] .. 0 | envp[0] .. 0 | auxv .. AT_NULL | 16 random bytes | strings
#pragma once

#include <span>
#include <string_view>

#include "fs/devices.h"
#include "lib/result.h"
#include "proc/elf.h"
#include "vm/space.h"

namespace ox {

struct ProgramStart {
  std::string_view path;
  std::span<const std::string_view> script;  // the words that replace argv[0], the last one first; empty: no script
  VirtAddr argv;
  VirtAddr envp;
  const ElfImage& image;
  std::uint64_t stack_size;  // of the mapped stack, in bytes
};

struct ProgramStack {
  VirtAddr sp;
  VirtRange arguments;  // the strings of argv
};

// Builds the stack in `space`, with the strings of `argv` and `envp` from `old`. sp is aligned to 16 bytes.
// Errno::e2big if the strings take more than a quarter of the stack, or the pointers do not fit.
Result<ProgramStack> build_stack(AddressSpace& space, AddressSpace& old, const ProgramStart& start,
                                 RandomDevice& device);

}  // namespace ox
