#include "proc/exec_stack.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "abi/process.h"

namespace ox {

namespace {

constexpr std::uint64_t word = sizeof(std::uint64_t);
constexpr std::uint64_t most_bytes = stack_size / 4;  // of strings, as on Linux

struct Strings {
  VirtAddr array;
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

// The length of the string at `va` with its 0.
Result<std::uint64_t> string_size(AddressSpace& space, VirtAddr va) {
  std::uint64_t size = 0;
  while (size < most_bytes) {
    const std::span<std::byte> page = TRY(space.pin_page(va + size, page_size - (va + size).offset(), Access::load));
    const auto end = std::ranges::find(page, std::byte{0});
    size += static_cast<std::uint64_t>(end - page.begin());
    if (end != page.end()) return size + 1;
  }
  return Errno::e2big;
}

Result<Strings> measure(AddressSpace& space, VirtAddr array) {
  Strings strings{.array = array};
  while (array != VirtAddr()) {
    const VirtAddr string(TRY(space.read_user<std::uint64_t>(array + strings.count * word)));
    if (string == VirtAddr()) break;
    strings.bytes += TRY(string_size(space, string));
    ++strings.count;
    if (strings.bytes + strings.count * word > most_bytes) return Errno::e2big;
  }
  return strings;
}

// Writes words and strings upwards, each at its own cursor.
class StackWriter {
 public:
  StackWriter(AddressSpace& space, VirtAddr words, VirtAddr strings)
      : space_(space), words_(words), strings_(strings) {}

  Result<> put(std::uint64_t value) {
    TRY(space_.write_user(words_, value));
    words_ = words_ + word;
    return {};
  }
  Result<> put_auxiliary(std::uint64_t tag, std::uint64_t value) {
    TRY(put(tag));
    return put(value);
  }
  // The bytes, and their address among the words.
  Result<> put_string(std::span<const std::byte> bytes) {
    TRY(put(strings_.value()));
    return append(bytes);
  }
  Result<> append(std::span<const std::byte> bytes) {
    TRY(space_.copy_out(strings_, bytes));
    strings_ = strings_ + bytes.size();
    return {};
  }
  Result<> put_strings(AddressSpace& from, const Strings& strings) {
    for (std::uint64_t i = 0; i < strings.count; ++i) {
      const VirtAddr string(TRY(from.read_user<std::uint64_t>(strings.array + i * word)));
      TRY(put(strings_.value()));
      std::uint64_t left = TRY(string_size(from, string));
      for (VirtAddr at = string; left > 0;) {
        const std::span<std::byte> page = TRY(from.pin_page(at, left, Access::load));
        TRY(append(page));
        left -= page.size();
        at = at + page.size();
      }
    }
    return put(0);
  }

 private:
  AddressSpace& space_;
  VirtAddr words_;
  VirtAddr strings_;
};

Result<> put_auxiliary_vector(StackWriter& writer, const ElfImage& image, VirtAddr random, VirtAddr name) {
  using namespace abi;
  const std::array<std::array<std::uint64_t, 2>, 16> vector{{
      {at_phdr, image.program_headers.value()},
      {at_phent, image.program_header_size},
      {at_phnum, image.program_header_count},
      {at_pagesz, page_size},
      {at_base, 0},
      {at_flags, 0},
      {at_entry, image.entry.value()},
      {at_uid, 0},
      {at_euid, 0},
      {at_gid, 0},
      {at_egid, 0},
      {at_hwcap, hwcap_imafdc},
      {at_clktck, 100},
      {at_secure, 0},
      {at_random, random.value()},
      {at_execfn, name.value()},
  }};
  for (const auto& [tag, value] : vector) TRY(writer.put_auxiliary(tag, value));
  return writer.put_auxiliary(at_null, 0);
}

}  // namespace

Result<VirtAddr> build_stack(AddressSpace& space, AddressSpace& old, std::string_view path, VirtAddr argv,
                             VirtAddr envp, const ElfImage& image, RandomNumbers& numbers) {
  const Strings arguments = TRY(measure(old, argv));
  const Strings environment = TRY(measure(old, envp));
  const std::array<std::uint64_t, 2> random{numbers.next(), numbers.next()};
  constexpr std::uint64_t auxiliary_words = 2 * 17;
  const std::uint64_t words = 1 + arguments.count + 1 + environment.count + 1 + auxiliary_words;
  const std::uint64_t bytes = sizeof(random) + path.size() + 1 + arguments.bytes + environment.bytes;
  const VirtAddr sp((stack_top - bytes - words * word).value() & ~std::uint64_t{15});

  const VirtAddr random_at = sp + words * word;
  const VirtAddr name_at = random_at + sizeof(random);
  StackWriter writer(space, sp, random_at);
  TRY(writer.append(std::as_bytes(std::span(random))));
  TRY(writer.append(std::as_bytes(std::span(path))));
  TRY(writer.append(std::array<std::byte, 1>{}));
  TRY(writer.put(arguments.count));
  TRY(writer.put_strings(old, arguments));
  TRY(writer.put_strings(old, environment));
  TRY(put_auxiliary_vector(writer, image, random_at, name_at));
  return sp;
}

}  // namespace ox
