#include "dev/device_tree.h"

#include <algorithm>

#include "dev/flat_tree.h"

namespace ox {

namespace {

constexpr std::uint64_t supervisor_external = 9;  // number of the interrupt at a hart (scause)

// Calls f for each (address, size) of a node's `reg`, in the cells that its parent names (specification, 2.3.6).
template <class F>
void for_each_range(const TreeNode& node, const TreeNode& parent, F f) {
  const std::optional<TreeValue> reg = node.find("reg");
  const std::uint64_t address_cells = parent.number_or("#address-cells", 2);
  const std::uint64_t size_cells = parent.number_or("#size-cells", 1);
  if (!reg || address_cells > 2 || size_cells > 2 || address_cells + size_cells == 0) return;
  const std::size_t step = address_cells + size_cells;
  for (std::size_t cell = 0; cell + step <= reg->cells(); cell += step) {
    const std::uint64_t start = reg->number(cell, address_cells);
    const std::uint64_t size = reg->number(cell + address_cells, size_cells);
    if (start + size >= start) f(PhysRange{PhysAddr(start), PhysAddr(start + size)});
  }
}

bool is_okay(const TreeNode& node) {
  const std::optional<TreeValue> status = node.find("status");
  return !status || status->text() == "okay" || status->text() == "ok";
}

BootDevice read_device(const TreeNode& node, const TreeNode& parent) {
  BootDevice device;
  for_each_range(node, parent, [&](PhysRange range) {
    if (!device.present()) device.registers = range;
  });
  if (const std::optional<TreeValue> interrupts = node.find("interrupts")) {
    device.interrupt = static_cast<std::uint32_t>(interrupts->number(0, 1));
  }
  return device;
}

// First pass: everything but the PLIC's contexts, which may refer to harts that come later.
class MachineReader final : public TreeVisitor {
 public:
  explicit MachineReader(BootInfo& info) : info_(info) {}

  void node(std::span<const TreeNode> path) override {
    if (path.size() < 2) return;
    const TreeNode& node = path.back();
    const TreeNode& parent = path[path.size() - 2];
    if (path.size() == 2) read_top_node(node, parent);
    if (path.size() == 3 && parent.name() == "cpus") read_hart(node);
    if (path.size() == 3 && parent.name() == "reserved-memory") {
      for_each_range(node, parent, [&](PhysRange range) { info_.reserved.push(range); });
    }
    if (path.size() == 4 && path[1].name() == "cpus" && node.find("interrupt-controller")) {
      read_hart_interrupts(node, parent);
    }
    if (!is_okay(node)) return;
    if (!info_.uart.present() && node.is_compatible("ns16550a")) info_.uart = read_device(node, parent);
    if (node.is_compatible("sifive,test0")) info_.power = read_device(node, parent);
    if (node.is_compatible("sifive,plic-1.0.0") || node.is_compatible("riscv,plic0")) {
      info_.plic = read_device(node, parent);
    }
  }

 private:
  void read_top_node(const TreeNode& node, const TreeNode& root) {
    if (node.name() == "chosen") read_chosen(node);
    if (node.name() == "cpus") info_.timebase = node.number_or("timebase-frequency", 0);
    const std::optional<TreeValue> type = node.find("device_type");
    if (type && type->text() == "memory") {
      for_each_range(node, root, [&](PhysRange range) { info_.memory.push(range); });
    }
  }

  void read_chosen(const TreeNode& node) {
    const PhysAddr start(node.number_or("linux,initrd-start", 0));
    const PhysAddr end(node.number_or("linux,initrd-end", 0));
    if (start < end) info_.initrd = {start, end};
    const std::optional<TreeValue> arguments = node.find("bootargs");
    if (!arguments) return;
    const std::string_view text = arguments->text().substr(0, info_.bootargs.size());
    std::ranges::copy(text, info_.bootargs.begin());
    info_.bootargs_size = text.size();
  }

  void read_hart(const TreeNode& node) {
    const std::optional<TreeValue> type = node.find("device_type");
    const std::optional<TreeValue> id = node.find("reg");
    if (!type || type->text() != "cpu" || !id || !is_okay(node)) return;
    info_.harts.push({.hartid = id->number()});
  }

  void read_hart_interrupts(const TreeNode& node, const TreeNode& hart) {
    const std::optional<TreeValue> id = hart.find("reg");
    for (BootHart& known : info_.harts.all()) {
      if (id && known.hartid == id->number()) {
        known.interrupt_phandle = static_cast<std::uint32_t>(node.number_or("phandle", 0));
      }
    }
  }

  BootInfo& info_;
};

// Second pass. Context number n is the n-th pair (phandle of a hart's controller, interrupt there).
class PlicReader final : public TreeVisitor {
 public:
  explicit PlicReader(BootInfo& info) : info_(info) {}

  void node(std::span<const TreeNode> path) override {
    const TreeNode& node = path.back();
    if (!node.is_compatible("sifive,plic-1.0.0") && !node.is_compatible("riscv,plic0")) return;
    const std::optional<TreeValue> targets = node.find("interrupts-extended");
    if (!targets) return;
    for (std::size_t context = 0; 2 * context + 1 < targets->cells(); ++context) {
      if (targets->number(2 * context + 1, 1) != supervisor_external) continue;
      for (BootHart& hart : info_.harts.all()) {
        if (hart.interrupt_phandle == targets->number(2 * context, 1)) {
          hart.plic_context = static_cast<std::uint32_t>(context);
        }
      }
    }
  }

 private:
  BootInfo& info_;
};

}  // namespace

Result<BootInfo> read_device_tree(std::span<const std::byte> bytes) {
  const FlatTree tree = TRY(FlatTree::open(bytes));
  BootInfo info;
  MachineReader machine(info);
  TRY(tree.visit(machine));
  PlicReader plic(info);
  TRY(tree.visit(plic));
  if (info.memory.size() == 0 || info.harts.size() == 0 || info.timebase == 0) return Errno::einval;
  return info;
}

}  // namespace ox
