#include "fs/cpio.h"

#include <algorithm>
#include <array>

namespace ox {

namespace {

constexpr std::size_t header_size = 110;
constexpr std::string_view trailer = "TRAILER!!!";

constexpr std::uint64_t align4(std::uint64_t n) { return (n + 3) & ~std::uint64_t{3}; }

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The value of eight hexadecimal digits; no value if one is not a digit.
std::optional<std::uint32_t> number(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const auto digit = static_cast<std::uint32_t>(c - '0'), letter = static_cast<std::uint32_t>((c | 0x20) - 'a');
    if (digit > 9 && letter > 5) return std::nullopt;
    value = value << 4 | (digit <= 9 ? digit : letter + 10);
  }
  return value;
}

const char* wrong_magic(std::string_view text) {
  if (text.starts_with("\x1f\x8b") ||
      text.starts_with("\xfd"
                       "7zXZ") ||
      text.starts_with("\x28\xb5\x2f\xfd")) {
    return "compressed; decompress it first";
  }
  if (text.starts_with("07070")) return "another cpio format; make it with cpio -o -H newc";
  return "no cpio header where one should be; make it with cpio -o -H newc";
}

}  // namespace

// Reads the entry at offset_, and moves offset_ past it.
Result<CpioEntry, BadArchive> CpioReader::read_entry() {
  // Positions of the numbers in a header that are used here.
  enum Field : std::size_t {
    inode = 0,
    mode = 1,
    links = 4,
    file_size = 6,
    major = 7,
    minor = 8,
    name_size = 11,
    count = 13
  };
  if (left() == 0) return BadArchive("truncated: it ends before its TRAILER!!! entry; copy it again, or make it again");
  const std::string_view text = as_text(archive_.subspan(offset_));
  if (!text.starts_with("070701")) return BadArchive(wrong_magic(text));
  if (text.size() < header_size) return BadArchive("truncated inside a header; copy it again, or make it again");
  std::array<std::uint32_t, Field::count> header{};
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto value = number(text.substr(6 + 8 * i, 8));
    if (!value) return BadArchive("a header field is not hexadecimal; make it again");
    header[i] = *value;
  }
  // The sizes have 32 bits and the sums 64, so no sum overflows.
  const std::uint64_t data_start = align4(offset_ + header_size + header[name_size]);
  const std::uint64_t data_end = data_start + header[file_size];
  if (header[name_size] == 0) return BadArchive("an entry has no name; make it again");
  if (data_end > archive_.size()) return BadArchive("truncated inside an entry; copy it again, or make it again");
  std::string_view name = as_text(archive_.subspan(offset_ + header_size, header[name_size]));
  if (name.find('\0') != name.size() - 1) return BadArchive("a name does not end with its 0; make it again");
  name.remove_suffix(1);
  // The last entry's padding may be missing.
  offset_ = std::min<std::uint64_t>(align4(data_end), archive_.size());
  return CpioEntry{.name = name,
                   .mode = header[mode],
                   .inode = header[inode],
                   .device = std::uint64_t{header[major]} << 32 | header[minor],
                   .archive = start_,
                   .links = header[links],
                   .data = archive_.subspan(data_start, header[file_size])};
}

Result<std::optional<CpioEntry>, BadArchive> CpioReader::next() {
  for (;;) {
    const CpioEntry entry = TRY(read_entry());
    if (entry.name != trailer) return entry;
    // After a trailer come zeros, up to the end or up to another archive (`cat a.cpio b.cpio`).
    const std::string_view rest = as_text(archive_.subspan(offset_));
    offset_ += std::min(rest.find_first_not_of('\0'), rest.size());
    if (left() == 0) return std::nullopt;
    start_ = offset_;
  }
}

}  // namespace ox
