// What a new program finds on its stack (the psABI's "process stack and registers"; Linux: create_elf_tables):
//
//     sp -> argc | argv[0] .. 0 | envp[0] .. 0 | auxv .. AT_NULL | 16 random bytes | strings
#pragma once

#include <string_view>

#include "lib/result.h"
#include "proc/elf.h"
#include "fs/random.h"
#include "vm/space.h"

namespace ox {

// Builds it in `space`, with the strings of `argv` and `envp` from `old`. Gives sp, aligned to 16 bytes. Errno::e2big
// when the strings are more than a quarter of the stack.
Result<VirtAddr> build_stack(AddressSpace& space, AddressSpace& old, std::string_view path, VirtAddr argv,
                             VirtAddr envp, const ElfImage& image, RandomNumbers& numbers);

}  // namespace ox
