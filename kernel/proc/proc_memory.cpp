// /proc's files about a process's memory: its regions, and a walk of its page tables.
#include "proc/proc_files.h"

namespace ox {

namespace {

// Null: it has none, or has lent it.
const AddressSpace* space_of(const Process& process) { return process.space ? &*process.space : nullptr; }

bool is_file(const Memory& memory, Ppn frame) {
  return memory.frames.record(frame).kind == FrameKind::kept && frame != memory.zero.ppn();
}

void count_resident(const Memory& memory, Ppn node, int level, Footprint& sum) {
  for_each_entry(Table::at(node), memory.frames.record(node).used, [&](std::size_t, Pte entry) {
    if (level > 0) return count_resident(memory, entry.frame(), level - 1, sum);
    sum.resident += entry.frame() != memory.zero.ppn() ? 1 : 0;
    sum.files += is_file(memory, entry.frame()) ? 1 : 0;
  });
}

std::string_view name_of(const ProcQuery& query, const Region& region, const Ref<Inode>& file) {
  if (file) return path_or_deleted(query.kernel, file, query.room);
  if (region.kind == RegionKind::heap) return "[heap]";
  if (region.kind == RegionKind::stack) return "[stack]";
  return region.kind == RegionKind::kernel ? "[vdso]" : "";
}

// Linux: show_map_vma.
void print_region(const ProcQuery& query, const Region& region, ProcWindow& to) {
  Ref<Inode> file;
  abi::stat status;
  // Whatever is mapped is an inode's.
  if (region.source) file = Ref<Inode>::share(static_cast<Inode&>(region.source->file()));
  if (file) status = file->status();
  const std::array<char, 4> flags{region.prot.read ? 'r' : '-', region.prot.write ? 'w' : '-',
                                  region.prot.execute ? 'x' : '-', region.shared() ? 's' : 'p'};
  TextBuffer<100> line;
  format(line, "{:08x}-{:08x} {} {:08x} {:02x}:{:02x} {} ", region.range.start, region.range.end,
         std::string_view(flags.data(), flags.size()), file ? region.first_page * page_size : 0, status.st_dev >> 8,
         status.st_dev & 0xff, status.st_ino);
  to.write(line.text());
  const std::string_view name = name_of(query, region, file);
  for (std::size_t column = line.text().size(); column < 73 && !name.empty(); ++column) to.write(" ");
  to.write(name);
  to.write("\n");
}

// Linux: pte_to_pagemap_entry. A page is exclusive if nobody else has it, nor a table on the way to it.
std::uint64_t pagemap_entry(const AddressSpace& space, VirtAddr va) {
  constexpr std::uint64_t present = std::uint64_t{1} << 63, of_file = std::uint64_t{1} << 61,
                          exclusive = std::uint64_t{1} << 56;
  Memory& memory = space.memory();
  const Pte leaf = space.table().leaf(va);
  if (leaf.empty()) return 0;
  const Ppn frame = leaf.frame();
  return present | frame.value() | (is_file(memory, frame) ? of_file : 0) |
         (space.table().find_owned(va) != Ppn() && memory.frames.sole(frame) ? exclusive : 0);
}

}  // namespace

Footprint footprint(const Process& process) {
  Footprint sum;
  const AddressSpace* const space = space_of(process);
  if (space == nullptr) return sum;
  for (const Region& region : space->regions().all()) {
    const std::uint64_t pages = region.range.size() / page_size;
    sum.size += pages;
    if (region.kind == RegionKind::stack) sum.stack += pages;
    if (region.kind == RegionKind::image && region.prot.execute) sum.text += pages;
    if (region.kind != RegionKind::stack && !region.shared() && region.prot.write) sum.data += pages;
  }
  count_resident(space->memory(), space->table().root(), root_level, sum);
  return sum;
}

void print_statm(const ProcQuery& query, ProcWindow& to) {
  const Footprint pages = footprint(query.process);
  format(to, "{} {} {} {} 0 {} 0\n", pages.size, pages.resident, pages.files, pages.text, pages.data + pages.stack);
}

// The strings of argv, as they stand in its memory now.
void print_cmdline(const ProcQuery& query, ProcWindow& to) {
  const AddressSpace* const space = space_of(query.process);
  const VirtRange strings = query.process.arguments;
  for (VirtAddr va = strings.start; space != nullptr && va < strings.end;) {
    const Pte leaf = space->table().leaf(va);
    if (!leaf.valid()) return;
    const std::uint64_t size = std::min(page_size - va.offset(), strings.end - va);
    to.write({reinterpret_cast<const char*>(to_pointer(leaf.frame())) + va.offset(), size});
    va = va + size;
  }
}

void print_maps(const ProcQuery& query, ProcWindow& to) {
  const AddressSpace* const space = space_of(query.process);
  if (space == nullptr) return;
  for (const Region& region : space->regions().all()) print_region(query, region, to);
}

void print_pagemap(const ProcQuery& query, ProcWindow& to) {
  const AddressSpace* const space = space_of(query.process);
  to.write_numbers(user_end.value() / page_size, [&](std::uint64_t page) {
    return space != nullptr ? pagemap_entry(*space, VirtAddr(page * page_size)) : 0;
  });
}

// Rule 1's count of each frame.
void print_kpagecount(const ProcQuery& query, ProcWindow& to) {
  const Frames& frames = query.kernel.memory.frames;
  to.write_numbers(frames.end().value(), [&](std::uint64_t frame) -> std::uint64_t {
    return frames.contains(Ppn(frame)) ? frames.record(Ppn(frame)).count.load(relaxed) : 0;
  });
}

}  // namespace ox
