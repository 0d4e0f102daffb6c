#include "proc/exec_stack.h"

#include <algorithm>
#include <array>

#include "abi/elf.h"
#include "abi/process.h"
#include "arch/hart.h"

namespace ox {

namespace {

constexpr std::uint64_t word = sizeof(std::uint64_t);
constexpr std::uint64_t most_ever = stack_size / 4;  // of pointers or of strings, in bytes, as on Linux

// The number of pointers in `array` before the 0 that ends it. Address 0 is an empty array.
Result<std::uint64_t> count_strings(AddressSpace& space, VirtAddr array) {
  std::uint64_t count = 0;
  while (array != VirtAddr() && TRY(space.read_user<std::uint64_t>(array + count * word)) != 0) {
    if (++count * word > most_ever) return Errno::e2big;
    interrupt_window();
  }
  return count;
}

// The size of the string at `va` in bytes, with its 0.
Result<std::uint64_t> string_size(AddressSpace& space, VirtAddr va) {
  std::uint64_t size = 0;
  while (size < most_ever) {
    const std::span<std::byte> page = TRY(space.fault_in(va + size, page_size - (va + size).offset(), Access::load));
    const auto end = std::ranges::find(page, std::byte{0});
    size += static_cast<std::uint64_t>(end - page.begin());
    if (end != page.end()) return size + 1;
    interrupt_window();
  }
  return Errno::e2big;
}

// The stack while it is built: strings are pushed from the top down, then words are put from sp up.
struct Stack {
  AddressSpace& space;
  std::uint64_t most_bytes;  // of strings
  VirtAddr at = stack_top;

  Result<> push(std::span<const std::byte> bytes) {
    at = at - bytes.size();
    return space.copy_out(at, bytes);
  }
  Result<> push_string(std::string_view text) {
    TRY(push(std::array<std::byte, 1>{}));
    return push(std::as_bytes(std::span(text)));
  }
  // Pushes the strings of `array` from number `first` on. The last one goes first, so they are in order in memory.
  Result<> push_strings(AddressSpace& from, VirtAddr array, std::uint64_t count, std::uint64_t first = 0) {
    while (count-- > first) {
      const VirtAddr string(TRY(from.read_user<std::uint64_t>(array + count * word)));
      const std::uint64_t size = TRY(string_size(from, string));
      if (stack_top - at + size > most_bytes) return Errno::e2big;
      at = at - size;
      for (std::uint64_t done = 0; done < size;) {
        const std::span<std::byte> page = TRY(from.fault_in(string + done, size - done, Access::load));
        TRY(space.copy_out(at + done, page));
        done += page.size();
        interrupt_window();
      }
    }
    return {};
  }
  // Leaves room for `words` words below the strings, so that `at` is aligned to 16 bytes.
  void align(std::uint64_t words = 0) { at = VirtAddr((at - words * word).value() & ~std::uint64_t{15}); }
  Result<> put(std::uint64_t value) {
    TRY(space.write_user(at, value));
    at = at + word;
    return {};
  }
  // Puts pointers to `count` strings, the first at `string`, and a 0. Returns the address after the last string.
  Result<VirtAddr> put_pointers(VirtAddr string, std::uint64_t count) {
    for (; count > 0; --count) {
      TRY(put(string.value()));
      string = string + TRY(string_size(space, string));
      interrupt_window();
    }
    TRY(put(0));
    return string;
  }
};

}  // namespace

Result<ProgramStack> build_stack(AddressSpace& space, AddressSpace& old, const ProgramStart& start,
                                 RandomDevice& device) {
  using namespace abi;
  const ElfImage& image = start.image;
  std::uint64_t arguments = TRY(count_strings(old, start.argv));
  const std::uint64_t environment = TRY(count_strings(old, start.envp));
  Stack stack{space, start.stack_size / 4};
  TRY(stack.push_string(start.path));
  const VirtAddr name = stack.at;
  TRY(stack.push_strings(old, start.envp, environment));
  const std::uint64_t replaced = start.script.empty() ? 0 : std::min<std::uint64_t>(arguments, 1);
  TRY(stack.push_strings(old, start.argv, arguments, replaced));
  for (const std::string_view word : start.script) TRY(stack.push_string(word));
  arguments += start.script.size() - replaced;
  if (arguments == 0) TRY(stack.push_string(""));  // as on Linux, because programs rely on argv[0]
  arguments = std::max(arguments, std::uint64_t{1});
  const VirtAddr strings = stack.at;
  stack.align();
  const std::array random{device.next(), device.next()};
  TRY(stack.push(std::as_bytes(std::span(random))));

  const std::array<std::uint64_t, 34> auxiliary{at_phdr,   image.program_headers.value(),
                                                at_phent,  sizeof(abi::Elf64_Phdr),
                                                at_phnum,  image.program_header_count,
                                                at_pagesz, page_size,
                                                at_base,   0,
                                                at_flags,  0,
                                                at_entry,  image.entry.value(),
                                                at_uid,    0,
                                                at_euid,   0,
                                                at_gid,    0,
                                                at_egid,   0,
                                                at_hwcap,  hwcap_imafdc,
                                                at_clktck, 100,
                                                at_secure, 0,
                                                at_random, stack.at.value(),
                                                at_execfn, name.value(),
                                                at_null,   0};
  stack.align(1 + arguments + 1 + environment + 1 + auxiliary.size());
  const VirtAddr sp = stack.at;
  if (stack_top - sp > start.stack_size) return Errno::e2big;
  TRY(stack.put(arguments));
  const VirtAddr strings_end = TRY(stack.put_pointers(strings, arguments));
  TRY(stack.put_pointers(strings_end, environment));
  TRY(space.copy_out(stack.at, std::as_bytes(std::span(auxiliary))));
  return ProgramStack{sp, {strings, strings_end}};
}

}  // namespace ox
