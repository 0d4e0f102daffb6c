// The kernel's half of every root (kernel/boot/kernel_map.cpp), as the simulated MMU sees it.
#include "boot/kernel_map.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/process.h"

namespace ox {
namespace {

using namespace sim;

constexpr PhysAddr ram{0x8000'0000};
constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t direct = direct_map_base, image = image_offset, devices = device_offset;

class Kernel : public testing::Test {
 protected:
  Kernel() {
    machine.memory().frames.for_each_known([&](Ppn frame, const Frame& record) {
      if (record.count.load() != 0) own.insert(frame);
    });
    layout.text = {ram + 2 * mib, ram + 2 * mib + 0x5000};
    layout.rodata = {layout.text.end, layout.text.end + 0x3000};
    layout.data = {layout.rodata.end, layout.rodata.end + 0x8000};
    layout.guard = {layout.data.start + 0x2000, layout.data.start + 0x3000};
    layout.ram_end = ram + 3072 * mib + 5 * 0x1000;
    layout.devices = device_ranges;
    root = *build_kernel_map(machine.memory(), layout);
    machine.mmu(0).set_root(root.value());
  }
  // A kernel map is never freed, not even an incomplete one. So the test takes its frames back one by one.
  ~Kernel() override {
    machine.release_hoard();
    write_satp(machine.memory().kernel_root);
    machine.memory().frames.for_each_known([&](Ppn frame, const Frame& record) {
      if (record.count.load() != 1 || own.contains(frame)) return;
      EXPECT_TRUE(machine.memory().frames.drop(frame));
      machine.memory().frames.free(frame, Content::any);
    });
  }

  // The kernel's access to the address as "rwx", and the physical address.
  std::string rights(std::uint64_t va) {
    std::string all;
    for (const auto& [use, name] :
         {std::pair(Use::load, 'r'), std::pair(Use::store, 'w'), std::pair(Use::fetch, 'x')}) {
      const auto physical = machine.mmu(0).translate(va, use, Privilege::supervisor);
      if (physical) at = *physical;
      all += physical ? name : '-';
    }
    return all;
  }

  const std::array<PhysRange, 2> device_ranges{PhysRange{PhysAddr(0x1000'0000), PhysAddr(0x1000'1000)},
                                               PhysRange{PhysAddr(0x0c00'0000), PhysAddr(0x0c40'0000)}};
  Machine machine{80};
  std::set<Ppn> own;  // the simulated machine's own frames
  KernelLayout layout;
  Ppn root;
  std::uint64_t at = 0;
};

TEST_F(Kernel, TheImageIsTextRxRodataRDataRw) {
  for (const auto& [range, expected] :
       {std::pair(layout.text, "r-x"), std::pair(layout.rodata, "r--"), std::pair(layout.data, "rw-")}) {
    for (const PhysAddr physical : {range.start, PhysAddr(range.end.value() - 8)}) {
      EXPECT_EQ(rights(image + physical.value()), expected);
      EXPECT_EQ(at, physical.value());
    }
  }
  EXPECT_EQ(rights(image + layout.text.start.value() - 8), "---");
  EXPECT_EQ(rights(image + layout.data.end.value()), "---");
}

TEST_F(Kernel, TheGuardIsAHoleInTheImageOnly) {
  EXPECT_EQ(rights(image + layout.guard.start.value()), "---");
  EXPECT_EQ(rights(image + layout.guard.end.value() - 8), "---");
  EXPECT_EQ(rights(image + layout.guard.start.value() - 8), "rw-");
  EXPECT_EQ(rights(image + layout.guard.end.value()), "rw-");
}

TEST_F(Kernel, TheDirectMapNeverExecutesAndKeepsTextReadOnly) {
  EXPECT_EQ(rights(direct + layout.text.start.value()), "r--");
  EXPECT_EQ(rights(direct + layout.rodata.end.value() - 8), "r--");
  for (const std::uint64_t physical :
       {layout.data.start.value(), ram.value() + 4 * mib, ram.value() + 2000 * mib, layout.ram_end.value() - 8}) {
    EXPECT_EQ(rights(direct + physical), "rw-") << std::hex << physical;
    EXPECT_EQ(at, physical);
  }
}

TEST_F(Kernel, TheFirmwareAndWhatIsBeyondRamAreNotMapped) {
  EXPECT_EQ(rights(direct + ram.value()), "---");
  EXPECT_EQ(rights(direct + layout.text.start.value() - 8), "---");
  EXPECT_EQ(rights(direct + layout.ram_end.value()), "---");
}

TEST_F(Kernel, DevicesAreReadAndWritten) {
  for (const PhysRange& device : device_ranges) {
    EXPECT_EQ(rights(devices + device.start.value()), "rw-");
    EXPECT_EQ(at, device.start.value());
    EXPECT_EQ(rights(devices + device.end.value()), "---");
  }
}

TEST_F(Kernel, StacksHaveTheirTablesAndNoPages) {
  const std::size_t frames = machine.free_frames();
  for (const VirtAddr va : {kernel_stacks.start, kernel_stacks.end - kernel_stack_slot}) {
    EXPECT_EQ(rights(va.value() + kernel_stack_size), "---");
    Ppn table = root;
    for (int level = 2; level > 0; --level) table = PageTable::at(table).get(va.index(level)).frame();
    EXPECT_TRUE(machine.memory().frames.contains(table));
  }
  EXPECT_EQ(machine.free_frames(), frames);
}

// A process's root copies the entries of the groups in use only.
TEST_F(Kernel, TheRootsEntriesAreInItsGroupsInUse) {
  const std::uint32_t used = machine.memory().frames.record(root).used_groups;
  for (unsigned index = 0; index < table_entries; ++index) {
    EXPECT_TRUE(PageTable::at(root).get(index).is_empty() || (used & group_bit(index)) != 0) << index;
  }
}

TEST_F(Kernel, TheUsersHalfIsEmpty) {
  for (unsigned index = 0; index < user_root_entries; ++index) EXPECT_TRUE(PageTable::at(root).get(index).is_empty());
}

TEST_F(Kernel, NothingIsMappedTwiceAndNothingWritableExecutable) {
  const auto map = [&](std::uint64_t va, Prot prot) {
    return map_kernel_range(machine.memory(), root, VirtAddr(va), ram, page_size, prot);
  };
  EXPECT_DEATH((void)map(image + layout.text.start.value(), rw), "map: 0xffffffff80200000 is mapped already, by");
  EXPECT_DEATH((void)map(direct + ram.value() + 2000 * mib, rw), "map: 0xffffffc0fd000000 is mapped already, by")
      << "by a gigapage";
  EXPECT_EQ(map(image, {.read = true, .write = true, .execute = true}).error(), Errno::eacces);
}

TEST_F(Kernel, WithoutFramesForItsTablesItSaysSo) {
  machine.leave_free(3);
  EXPECT_EQ(build_kernel_map(machine.memory(), layout).error(), Errno::enomem);
}

}  // namespace
}  // namespace ox
