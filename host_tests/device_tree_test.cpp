// What the kernel reads from a device tree, and that it checks every length (kernel/dev/device_tree.cpp).
#include "dev/device_tree.h"

#include <gtest/gtest.h>

namespace ox {
namespace {

// Writes a flattened device tree (Devicetree Specification 0.4, chapter 5).
class Tree {
 public:
  Tree& begin(std::string_view name) {
    cell(1);
    return bytes(name, true);
  }
  Tree& end() { return cell(2); }
  Tree& nothing() { return cell(4); }
  Tree& property(std::string_view name, std::string_view value) {
    cell(3).cell(value.size()).cell(strings_.size());
    strings_.append(name).push_back('\0');
    return bytes(value, false);
  }
  Tree& property(std::string_view name, std::initializer_list<std::uint32_t> cells) {
    std::string value;
    for (const std::uint32_t number : cells) {
      for (int shift = 24; shift >= 0; shift -= 8) value.push_back(static_cast<char>(number >> shift));
    }
    return property(name, value);
  }
  std::string blob() const {
    Tree all;
    const std::size_t structure = structure_.size() + 4, head = 40;
    for (const std::size_t number :
         {std::size_t{0xd00dfeed}, head + structure + strings_.size(), head, head + structure, std::size_t{0},
          std::size_t{17}, std::size_t{16}, std::size_t{0}, strings_.size(), structure}) {
      all.cell(number);
    }
    all.structure_ += structure_;
    all.cell(9);
    return all.structure_ + strings_;
  }

 private:
  Tree& cell(std::size_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) structure_.push_back(static_cast<char>(number >> shift));
    return *this;
  }
  Tree& bytes(std::string_view text, bool with_end) {
    structure_ += text;
    if (with_end) structure_.push_back('\0');
    structure_.resize((structure_.size() + 3) & ~std::size_t{3});
    return *this;
  }

  std::string structure_, strings_;
};

Result<BootInfo> read(std::string_view blob) {
  BootInfo info;
  TRY(read_device_tree(std::as_bytes(std::span(blob)), info));
  return info;
}

// A machine's tree, without its last end token. All harts have the extensions `isa`.
Tree machine(unsigned harts = 1, std::string_view isa = "rv64imafdch_zicsr") {
  Tree tree;
  tree.begin("").begin("cpus").property("timebase-frequency", {10'000'000});
  for (unsigned hart = 0; hart < harts; ++hart) {
    tree.begin("cpu@").property("reg", {hart}).property("riscv,isa", std::string(isa) + '\0').end();
  }
  tree.end().begin("memory@80000000").property("reg", {0, 0x8000'0000, 0, 0x800'0000}).end();
  return tree;
}

TEST(DeviceTree, SaysWhatTheMachineIs) {
  Tree tree = machine(2);
  tree.begin("serial@10000000").property("reg", {0, 0x1000'0000, 0, 0x100}).property("interrupts", {10}).end();
  tree.begin("test@200000").property("reg", {0, 0x20'0000, 0, 0x1000}).end();
  const Result<BootInfo> info = read(tree.end().blob());
  ASSERT_TRUE(info);
  EXPECT_EQ(info->harts.size(), 2u);
  EXPECT_EQ(info->timebase, 10'000'000u);
  EXPECT_EQ(info->memory.size(), 1u);
  EXPECT_EQ(info->memory.all()[0].start, PhysAddr(0x8000'0000));
  EXPECT_EQ(info->memory.all()[0].size(), 0x800'0000u);
  EXPECT_EQ(info->reserved.size(), 0u);
  EXPECT_EQ(info->uart.registers.start, PhysAddr(0x1000'0000));
  EXPECT_EQ(info->uart.interrupt, 10u);
  EXPECT_EQ(info->power.registers.start, PhysAddr(0x20'0000));
  EXPECT_EQ(info->missing_extension, "");
  EXPECT_EQ(info->harts_left_out, 0u);
}

TEST(DeviceTree, SaysWhatTheFirmwareKeepsForItself) {
  Tree tree = machine();
  tree.begin("reserved-memory").begin("mmode_resv0@80000000");
  tree.property("reg", {0, 0x8000'0000, 0, 0x8'0000}).end().end();
  const Result<BootInfo> info = read(tree.end().blob());
  ASSERT_TRUE(info);
  EXPECT_EQ(info->memory.size(), 1u);
  ASSERT_EQ(info->reserved.size(), 1u);
  EXPECT_EQ(info->reserved.all()[0].start, PhysAddr(0x8000'0000));
  EXPECT_EQ(info->reserved.all()[0].size(), 0x8'0000u);
}

TEST(DeviceTree, SaysWhereTheInitramfsIsAndTheCommandLine) {
  Tree tree = machine();
  tree.property("model", "at the root, for nobody");
  tree.begin("chosen").property("linux,initrd-start", {0x8400'0000}).property("linux,initrd-end", {0, 0x8500'0000});
  const std::string blob = tree.property("bootargs", std::string("debug stats") + '\0').end().end().blob();
  BootInfo info;
  ASSERT_TRUE(read_device_tree(std::as_bytes(std::span(blob)), info));
  EXPECT_EQ(info.initrd.start, PhysAddr(0x8400'0000));
  EXPECT_EQ(info.initrd.end, PhysAddr(0x8500'0000));
  EXPECT_EQ(info.command_line(), "debug stats");
}

TEST(DeviceTree, ARangeThatWrapsIsNoMemoryAndAnEmptyOneIs) {
  Tree tree = machine();
  tree.begin("memory@1").property("reg", {1, 0, ~0u, ~0u, 2, 0, 0, 0}).end();
  const Result<BootInfo> info = read(tree.end().blob());
  ASSERT_TRUE(info);
  ASSERT_EQ(info->memory.size(), 2u);
  EXPECT_EQ(info->memory.all()[1].start, PhysAddr(std::uint64_t{2} << 32));
}

TEST(DeviceTree, WithoutAPowerSwitchQemusIsTaken) {
  const Result<BootInfo> info = read(machine().end().blob());
  ASSERT_TRUE(info);
  EXPECT_FALSE(info->uart.present());
  EXPECT_EQ(info->power.registers.start, PhysAddr(0x10'0000));
}

TEST(DeviceTree, HartsBeyondTheLimitAreCounted) {
  const Result<BootInfo> info = read(machine(max_harts + 3).end().blob());
  ASSERT_TRUE(info);
  EXPECT_EQ(info->harts.size(), max_harts);
  EXPECT_EQ(info->harts_left_out, 3u);
}

TEST(DeviceTree, AMissingExtensionIsNamed) {
  for (const auto& [isa, missing] : {std::pair("rv64imac_zicsr_zfd", "f"),
                                     {"rv64imafc", "d"},
                                     {"rv64imafdc", ""},
                                     {"rv64imafd_c", "c"},
                                     {"", "i"}}) {
    const Result<BootInfo> info = read(machine(1, isa).end().blob());
    ASSERT_TRUE(info);
    EXPECT_EQ(info->missing_extension, missing) << isa;
  }
}

TEST(DeviceTree, WithoutMemoryHartsOrTimebaseItIsRefused) {
  const auto tree = [](const char* cpu, const char* memory, const char* timebase) {
    Tree all;
    all.begin("").begin("cpus").property(timebase, {10'000'000}).begin(cpu).property("reg", {0}).end().end();
    all.begin(memory).property("reg", {0, 0x8000'0000, 0, 0x800'0000}).end();
    return read(all.end().blob());
  };
  EXPECT_TRUE(tree("cpu@0", "memory@80000000", "timebase-frequency"));
  EXPECT_EQ(tree("cpus", "memory@80000000", "timebase-frequency").error(), Errno::einval);
  EXPECT_EQ(tree("cpu@0", "memories", "timebase-frequency").error(), Errno::einval);
  EXPECT_EQ(tree("cpu@0", "memory@80000000", "time").error(), Errno::einval);
}

TEST(DeviceTree, NodesMayStandFifteenDeep) {
  for (const unsigned below : {14u, 15u}) {
    Tree tree = machine();
    for (unsigned i = 0; i < below; ++i) tree.begin("node");
    for (unsigned i = 0; i < below; ++i) tree.end();
    EXPECT_EQ(read(tree.end().blob()).has_value(), below == 14) << below << " below the root";
  }
}

TEST(DeviceTree, AMalformedTreeIsRefused) {
  EXPECT_FALSE(read(machine().blob())) << "a node without its end";
  EXPECT_FALSE(read(machine().end().end().blob())) << "an end without its node";
  EXPECT_FALSE(read(machine().end().property("reg", {0}).blob())) << "a property outside of the root";
  const std::string whole = machine().end().nothing().blob();
  EXPECT_TRUE(read(whole));
  std::string longer = whole;
  ++longer[4 * 8 + 3];
  EXPECT_FALSE(read(longer)) << "strings that end behind the tree";
  std::string endless = whole;
  endless[endless.rfind('\x09')] = 4;
  EXPECT_FALSE(read(endless)) << "a tree without its end";
}

// Each cell of a tree in turn becomes a wrong length, offset or token. The kernel must read or refuse the tree, without
// an access outside it.
TEST(DeviceTree, AWrongValueInAnyCellDoesNoHarm) {
  const std::string right = machine(2).end().blob();
  for (std::size_t at = 0; at + 4 <= right.size(); at += 4) {
    for (const std::uint32_t wrong : {0xffff'ffffu, 0x7fff'ffffu, 0x1000'0000u, 0x100u, 0u}) {
      std::string tree = right;
      for (std::size_t i = 0; i < 4; ++i) tree[at + i] = static_cast<char>(wrong >> (24 - 8 * i));
      const std::vector<char> bytes(tree.begin(), tree.end());  // a copy of exact size, for the address sanitizer
      (void)read({bytes.data(), bytes.size()});
    }
  }
}

TEST(DeviceTree, CutOffAnywhereItIsRefused) {
  const std::string right = machine().end().blob();
  for (std::size_t size = 0; size < right.size(); ++size) {
    const std::vector<char> cut(right.begin(), right.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(read({cut.data(), cut.size()})) << size;
  }
}

}  // namespace
}  // namespace ox
