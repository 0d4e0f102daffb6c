#include "dev/device_tree.h"

#include <algorithm>

namespace ox {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t magic_number = 0xd00d'feed;
constexpr std::size_t max_depth = 16;

// The big-endian number in `count` cells (32 bits each) from `first` on, its low 64 bits; 0 if there are not that many.
std::uint64_t number(Bytes cells, std::size_t first, std::size_t count = 1) {
  std::uint64_t value = 0;
  if (4 * (first + count) > cells.size()) return 0;
  for (const std::byte byte : cells.subspan(4 * first, 4 * count)) value = value << 8 | std::to_integer<unsigned>(byte);
  return value;
}

// All of it is one number, of 4 or 8 bytes.
std::uint64_t number(Bytes cells) { return number(cells, 0, cells.size() / 4); }

// The string that begins here, without its 0.
std::string_view text(Bytes bytes) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return all.substr(0, all.find('\0'));
}

enum class Kind : std::uint32_t { broken = 0, begin_node = 1, end_node = 2, property = 3, nop = 4, end = 9 };

struct Token {
  Kind kind;
  std::string_view name;  // of a node or a property
  Bytes value;            // of a property
};

// The structure block from some token on. When it ends too early, all that follows is `broken`.
class Tokens {
 public:
  Tokens(Bytes structure, Bytes strings)
      : rest_(structure.first(structure.size() & ~std::size_t{3})), strings_(strings) {}

  Token next() {
    Token token{.kind = static_cast<Kind>(number(take(4))), .name = {}, .value = {}};
    if (token.kind == Kind::begin_node) {
      token.name = text(rest_);
      take(token.name.size() + 1);
    } else if (token.kind == Kind::property) {
      const Bytes head = take(8);
      token.value = take(number(head, 0));
      token.name = text(strings_.subspan(std::min<std::size_t>(number(head, 1), strings_.size())));
    }
    take(rest_.size() % 4);
    return token;
  }

 private:
  Bytes take(std::size_t size) {
    const bool enough = size <= rest_.size();
    const Bytes taken = rest_.first(enough ? size : 0);
    rest_ = rest_.subspan(enough ? size : rest_.size());
    return taken;
  }

  Bytes rest_;
  Bytes strings_;
};

// Of numbers of two cells, as QEMU's tree has them: starts and sizes.
void push_ranges(RangeList& list, Bytes reg) {
  for (std::size_t cell = 0; 4 * (cell + 4) <= reg.size(); cell += 4) {
    const PhysAddr start(number(reg, cell, 2));
    const PhysAddr end = start + number(reg, cell + 2, 2);
    if (start <= end) list.push({start, end});
  }
}

void read_property(BootInfo& info, std::string_view parent, std::string_view node, const Token& property) {
  const std::string_view name = property.name;
  if (name == "reg") {
    if (node.starts_with("memory@")) push_ranges(info.memory, property.value);
    if (parent == "reserved-memory") push_ranges(info.reserved, property.value);
    if (node.starts_with("cpu@")) info.harts.push(number(property.value));
  }
  if (name == "timebase-frequency") info.timebase = number(property.value);
  if (name == "linux,initrd-start") info.initrd.start = PhysAddr(number(property.value));
  if (name == "linux,initrd-end") info.initrd.end = PhysAddr(number(property.value));
  if (name == "bootargs") info.bootargs_size = text(property.value).copy(info.bootargs.data(), info.bootargs.size());
}

// Goes through the tree once. False: it is broken somewhere.
bool read_tree(BootInfo& info, Tokens tokens) {
  std::array<std::string_view, max_depth> path;  // names; the parent's stands before the node's, the root's has none
  for (std::size_t depth = 0;;) {
    const Token token = tokens.next();
    switch (token.kind) {
      case Kind::begin_node:
        if (++depth == max_depth) return false;
        path[depth] = token.name;
        break;
      case Kind::end_node:
        if (depth-- == 0) return false;
        break;
      case Kind::property:
        if (depth == 0) return false;
        read_property(info, path[depth - 1], path[depth], token);
        break;
      case Kind::nop:
        break;
      default:
        return token.kind == Kind::end && depth == 0;
    }
  }
}

}  // namespace

Result<BootInfo> read_device_tree(std::span<const std::byte> bytes) {
  constexpr std::size_t header_cells = 10;  // magic, size, structure's and strings' offset, ... their sizes
  if (bytes.size() < 4 * header_cells || number(bytes, 0) != magic_number) return Errno::einval;
  const std::size_t size = number(bytes, 1);
  const std::size_t structure = number(bytes, 2);
  const std::size_t strings = number(bytes, 3);
  const std::size_t strings_size = number(bytes, 8);
  const std::size_t structure_size = number(bytes, 9);
  if (size > bytes.size() || structure + structure_size > size || strings + strings_size > size) return Errno::einval;
  BootInfo info;
  const Tokens tokens(bytes.subspan(structure, structure_size), bytes.subspan(strings, strings_size));
  if (!read_tree(info, tokens)) return Errno::einval;
  if (info.memory.size() == 0 || info.harts.size() == 0 || info.timebase == 0) return Errno::einval;
  return info;
}

}  // namespace ox
