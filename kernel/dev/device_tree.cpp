#include "dev/device_tree.h"

#include <algorithm>

namespace ox {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t magic_number = 0xd00d'feed;
constexpr std::size_t max_depth = 16;

// The low 64 bits of the big-endian number in `count` cells (32 bits each) from cell `first` on; 0 if there are fewer
// cells.
std::uint64_t number(Bytes cells, std::size_t first, std::size_t count = 1) {
  std::uint64_t value = 0;
  if (4 * (first + count) > cells.size()) return 0;
  for (const std::byte byte : cells.subspan(4 * first, 4 * count)) value = value << 8 | std::to_integer<unsigned>(byte);
  return value;
}

// All of `cells` as one number, of 4 or 8 bytes.
std::uint64_t number(Bytes cells) { return number(cells, 0, cells.size() / 4); }

// The string that begins here, without its 0.
std::string_view text(Bytes bytes) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return all.substr(0, all.find('\0'));
}

// Takes the first `size` bytes off `rest`, with the padding to the next cell. If there are fewer bytes, returns none
// and empties `rest`.
Bytes take(Bytes& rest, std::uint64_t size) {
  const bool enough = size <= rest.size();
  const Bytes taken = rest.first(enough ? size : 0);
  rest = rest.subspan(enough ? (size + 3) & ~std::uint64_t{3} : rest.size());
  return taken;
}

// Adds the ranges in `reg`: pairs of start and size, of two cells each, as in QEMU's tree.
void push_ranges(RangeList& list, Bytes reg) {
  for (std::size_t cell = 0; 4 * (cell + 4) <= reg.size(); cell += 4) {
    const PhysAddr start(number(reg, cell, 2));
    const PhysAddr end = start + number(reg, cell + 2, 2);
    if (start <= end) list.push({start, end});
  }
}

// The device that a node describes, found by the node's name (specification, "Generic Names Recommendation"; the last
// two names are QEMU's). Null: ox does not use it.
BootDevice* device(BootInfo& info, std::string_view node) {
  return node.starts_with("serial@") ? &info.uart
         : node.starts_with("plic@") ? &info.plic
         : node.starts_with("test@") ? &info.power
                                     : nullptr;
}

// The first of the extensions imafdc, which programs are compiled for, that `isa` lacks; empty: none. `isa` looks like
// "rv64imafdch_zicsr".
std::string_view missing_extension(std::string_view isa) {
  static constexpr std::string_view needed = "imafdc";
  const std::size_t at = needed.find_first_not_of(isa.substr(0, isa.find('_')));
  return needed.substr(std::min(at, needed.size()), 1);
}

void read_property(BootInfo& info, std::string_view parent, std::string_view node, std::string_view name, Bytes value) {
  BootDevice* const known = device(info, node);
  if (known != nullptr && name == "interrupts") known->interrupt = static_cast<std::uint32_t>(number(value, 0));
  if (name == "reg") {
    RangeList ranges;
    if (known != nullptr) push_ranges(ranges, value);
    if (ranges.size() > 0) known->registers = ranges.all()[0];
    if (node.starts_with("memory@")) push_ranges(info.memory, value);
    if (parent == "reserved-memory") push_ranges(info.reserved, value);
    if (node.starts_with("cpu@")) {
      if (info.harts.size() == max_harts) ++info.harts_left_out;
      info.harts.push(number(value));
    }
  }
  if (name == "riscv,isa" && info.missing_extension.empty()) info.missing_extension = missing_extension(text(value));
  if (name == "timebase-frequency") info.timebase = number(value);
  if (name == "linux,initrd-start") info.initrd.start = PhysAddr(number(value));
  if (name == "linux,initrd-end") info.initrd.end = PhysAddr(number(value));
  if (name == "bootargs") info.bootargs_size = text(value).copy(info.bootargs.data(), info.bootargs.size());
}

enum class Token : std::uint32_t { begin_node = 1, end_node = 2, property = 3, nop = 4, end = 9 };

// Reads the structure block once, from start to end. False: it is malformed.
bool read_tree(BootInfo& info, Bytes rest, Bytes strings) {
  std::array<std::string_view, max_depth> path;  // names of the current node and of those above it; the root's is empty
  std::size_t depth = 0;
  while (!rest.empty()) {
    const auto token = static_cast<Token>(number(take(rest, 4)));
    if (token == Token::begin_node) {
      if (++depth == max_depth) return false;
      path[depth] = text(rest);
      take(rest, path[depth].size() + 1);
    } else if (token == Token::end_node) {
      if (depth-- == 0) return false;
    } else if (token == Token::property) {
      if (depth == 0) return false;
      const Bytes head = take(rest, 8);
      const Bytes value = take(rest, number(head, 0));
      const std::string_view name = text(strings.subspan(std::min<std::size_t>(number(head, 1), strings.size())));
      read_property(info, path[depth - 1], path[depth], name, value);
    } else if (token != Token::nop) {
      return token == Token::end && depth == 0;
    }
  }
  return false;
}

}  // namespace

Result<> read_device_tree(std::span<const std::byte> bytes, BootInfo& info) {
  if (number(bytes, 0) != magic_number) return Errno::einval;
  const std::size_t size = number(bytes, 1);  // a number that is cut off is 0, and so the tree is refused below
  const std::size_t structure = number(bytes, 2);
  const std::size_t strings = number(bytes, 3);
  const std::size_t strings_size = number(bytes, 8);
  const std::size_t structure_size = number(bytes, 9);
  if (size > bytes.size() || structure + structure_size > size || strings + strings_size > size) return Errno::einval;
  const Bytes block = bytes.subspan(structure, structure_size & ~std::size_t{3});
  if (!read_tree(info, block, bytes.subspan(strings, strings_size))) return Errno::einval;
  if (info.memory.size() == 0 || info.harts.size() == 0 || info.timebase == 0) return Errno::einval;
  return {};
}

}  // namespace ox
