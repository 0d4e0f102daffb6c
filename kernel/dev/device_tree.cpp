#include "dev/device_tree.h"

#include <algorithm>

namespace ox {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t magic_number = 0xd00d'feed;
constexpr std::size_t max_depth = 16;
constexpr std::uint64_t supervisor_external = 9;  // number of the interrupt at a hart (scause)

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
  Tokens() = default;
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

struct Node {
  std::string_view name;
  Tokens properties;  // they stand before child nodes, so any other token ends them
  const Node* parent = nullptr;

  // The value of a property, empty if there is none of that name.
  Bytes find(std::string_view wanted) const {
    Tokens tokens = properties;
    for (Token token = tokens.next(); token.kind == Kind::property || token.kind == Kind::nop; token = tokens.next()) {
      if (token.kind == Kind::property && token.name == wanted) return token.value;
    }
    return {};
  }

  std::uint64_t number_or(std::string_view property, std::uint64_t otherwise) const {
    const Bytes value = find(property);
    return value.empty() ? otherwise : number(value);
  }

  bool is_compatible(std::string_view with) const {
    for (Bytes names = find("compatible"); !names.empty();) {
      const std::string_view one = text(names);
      if (one == with) return true;
      names = names.subspan(std::min(one.size() + 1, names.size()));
    }
    return false;
  }

  bool is_okay() const {
    const Bytes status = find("status");
    return status.empty() || text(status) == "okay" || text(status) == "ok";
  }

  // `reg`, in the cells that the parent names (specification, 2.3.6).
  RangeList ranges() const {
    RangeList list;
    const Bytes reg = find("reg");
    const std::uint64_t address_cells = parent->number_or("#address-cells", 2);
    const std::uint64_t size_cells = parent->number_or("#size-cells", 1);
    if (address_cells > 2 || size_cells > 2 || address_cells + size_cells == 0) return list;
    const std::size_t step = address_cells + size_cells;
    for (std::size_t cell = 0; 4 * (cell + step) <= reg.size(); cell += step) {
      const PhysAddr start(number(reg, cell, address_cells));
      const PhysAddr end = start + number(reg, cell + address_cells, size_cells);
      if (start <= end) list.push({start, end});
    }
    return list;
  }

  BootDevice device() const {
    const RangeList registers = ranges();
    return {.registers = registers.size() > 0 ? registers.all()[0] : PhysRange{},
            .interrupt = static_cast<std::uint32_t>(number(find("interrupts"), 0))};
  }
};

// Goes through the tree once, from parents to children, and fills in what it knows.
class MachineReader {
 public:
  explicit MachineReader(BootInfo& info) : info_(info) {}

  // False: the tree is broken somewhere.
  bool read(Tokens tokens) {
    std::array<Node, max_depth> path;
    for (std::size_t depth = 0;;) {
      const Token token = tokens.next();
      switch (token.kind) {
        case Kind::begin_node:
          if (depth == max_depth) return false;
          path[depth] = {.name = token.name, .properties = tokens, .parent = depth > 0 ? &path[depth - 1] : nullptr};
          if (depth > 0 && path[depth].is_okay()) visit(path[depth], path[depth - 1]);
          ++depth;
          break;
        case Kind::end_node:
          if (depth-- == 0) return false;
          break;
        case Kind::property:
        case Kind::nop:
          break;
        case Kind::end:
          if (depth == 0) find_plic_contexts();
          return depth == 0;
        default:
          return false;
      }
    }
  }

 private:
  void visit(const Node& node, const Node& parent) {
    const std::string_view type = text(node.find("device_type"));
    if (type == "memory") push_all(info_.memory, node.ranges());
    if (type == "cpu") info_.harts.push({.hartid = number(node.find("reg"))});
    if (node.is_compatible("riscv,cpu-intc")) read_hart_interrupts(node, number(parent.find("reg")));
    if (node.name == "cpus") info_.timebase = number(node.find("timebase-frequency"));
    if (node.name == "chosen") read_chosen(node);
    if (parent.name == "reserved-memory") push_all(info_.reserved, node.ranges());
    if (!info_.uart.present() && node.is_compatible("ns16550a")) info_.uart = node.device();
    if (node.is_compatible("sifive,test0")) info_.power = node.device();
    if (node.is_compatible("sifive,plic-1.0.0") || node.is_compatible("riscv,plic0")) {
      info_.plic = node.device();
      plic_targets_ = node.find("interrupts-extended");
    }
  }

  static void push_all(RangeList& list, const RangeList& more) {
    for (const PhysRange& range : more.all()) list.push(range);
  }

  void read_hart_interrupts(const Node& controller, std::uint64_t hartid) {
    for (BootHart& hart : info_.harts.all()) {
      if (hart.hartid == hartid) hart.interrupt_phandle = number(controller.find("phandle"));
    }
  }

  void read_chosen(const Node& node) {
    const PhysAddr start(number(node.find("linux,initrd-start")));
    const PhysAddr end(number(node.find("linux,initrd-end")));
    if (start < end) info_.initrd = {start, end};
    info_.bootargs_size = text(node.find("bootargs")).copy(info_.bootargs.data(), info_.bootargs.size());
  }

  // Context number n is the n-th pair (phandle of a hart's controller, interrupt there).
  void find_plic_contexts() {
    for (std::size_t context = 0; 8 * (context + 1) <= plic_targets_.size(); ++context) {
      if (number(plic_targets_, 2 * context + 1) != supervisor_external) continue;
      for (BootHart& hart : info_.harts.all()) {
        if (hart.interrupt_phandle == number(plic_targets_, 2 * context)) {
          hart.plic_context = static_cast<std::uint32_t>(context);
        }
      }
    }
  }

  BootInfo& info_;
  Bytes plic_targets_;
};

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
  if (!MachineReader(info).read(tokens)) return Errno::einval;
  if (info.memory.size() == 0 || info.harts.size() == 0 || info.timebase == 0) return Errno::einval;
  return info;
}

}  // namespace ox
