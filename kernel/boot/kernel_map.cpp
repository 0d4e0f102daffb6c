#include "boot/kernel_map.h"

#include "arch/panic.h"

namespace ox {

namespace {

constexpr Prot read_only{.read = true};
constexpr Prot read_write{.read = true, .write = true};
constexpr Prot read_execute{.read = true, .execute = true};

// The highest level whose entries cover at most `size` and for which both addresses are aligned.
int largest_level(VirtAddr va, PhysAddr pa, std::uint64_t size) {
  int level = root_level;
  while (level > 0 && (((va.value() | pa.value()) & (entry_span(level) - 1)) != 0 || size < entry_span(level))) --level;
  return level;
}

void set_entry(Memory& memory, Ppn table, unsigned index, Pte entry) {
  PageTable::at(table).set(index, entry);
  memory.frames.record(table).used_groups |= group_bit(index);
}

Result<Ppn> new_table(Memory& memory) { return memory.frames.alloc(FrameKind::kernel, Content::zero); }

// The table of `level` on the way to `va`, made if there is none.
Result<Ppn> table_for(Memory& memory, Ppn root, VirtAddr va, int level) {
  Ppn table = root;
  for (int at = root_level; at > level; --at) {
    const Pte entry = PageTable::at(table).get(va.index(at));
    if (entry.is_leaf()) panic("kernel map: {:x} is mapped already, by {:x}", va, entry.bits());
    const Ppn below = entry.is_empty() ? TRY(new_table(memory)) : entry.frame();
    if (entry.is_empty()) set_entry(memory, table, va.index(at), Pte::next_level(below));
    table = below;
  }
  return table;
}

// Makes all level-0 tables for kernel stacks, empty. So a new stack needs no frames but its own.
Result<> map_stack_tables(Memory& memory, Ppn root) {
  for (VirtAddr va = kernel_stacks.start; va < kernel_stacks.end; va = va + entry_span(1)) {
    const Ppn table = TRY(table_for(memory, root, va, 0));
    memory.frames.record(table).used_groups = ~std::uint32_t{0};  // rule 5 allows bits for groups that are empty
  }
  return {};
}

}  // namespace

Result<> map_kernel_range(Memory& memory, Ppn root, VirtAddr va, PhysAddr pa, std::uint64_t size, Prot prot) {
  if (prot.write && prot.execute) return Errno::eacces;
  while (size > 0) {
    const int level = largest_level(va, pa, size);
    const Ppn table = TRY(table_for(memory, root, va, level));
    const Pte before = PageTable::at(table).get(va.index(level));
    if (!before.is_empty()) panic("kernel map: {:x} is mapped already, by {:x}", va, before.bits());
    set_entry(memory, table, va.index(level), Pte::kernel_leaf(Ppn(pa), prot));
    va = va + entry_span(level);
    pa = pa + entry_span(level);
    size -= entry_span(level);
  }
  return {};
}

Result<Ppn> build_kernel_map(Memory& memory, const KernelLayout& layout) {
  const Ppn root = TRY(new_table(memory));
  const auto map = [&](PhysRange range, std::uint64_t offset, Prot prot) {
    return map_kernel_range(memory, root, VirtAddr(range.start.value() + offset), range.start, range.size(), prot);
  };
  TRY(map(layout.text, image_offset, read_execute));
  TRY(map(layout.rodata, image_offset, read_only));
  TRY(map({layout.data.start, layout.guard.start}, image_offset, read_write));
  TRY(map({layout.guard.end, layout.data.end}, image_offset, read_write));
  TRY(map({layout.text.start, layout.rodata.end}, direct_map_base, read_only));
  TRY(map({layout.rodata.end, layout.ram_end}, direct_map_base, read_write));
  for (const PhysRange& device : layout.devices) TRY(map(device, device_offset, read_write));
  TRY(map_stack_tables(memory, root));
  return root;
}

}  // namespace ox
