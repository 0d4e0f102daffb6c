// /proc's files about a process.
#include "fs/terminal.h"
#include "proc/footprint.h"
#include "procfs/procfs.h"

namespace ox {

namespace {

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
  // Only inodes are mapped, so the cast is right.
  if (region.source) file = Ref<Inode>::share(static_cast<Inode&>(region.source->file()));
  if (file) status = file->status();
  const std::array<char, 4> flags{region.prot.read ? 'r' : '-', region.prot.write ? 'w' : '-',
                                  region.prot.execute ? 'x' : '-', region.is_map_shared() ? 's' : 'p'};
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

// Linux: pte_to_pagemap_entry. A page is exclusive if the page and all tables on the path to it have count 1.
std::uint64_t pagemap_entry(const AddressSpace& space, VirtAddr va) {
  constexpr std::uint64_t present = std::uint64_t{1} << 63, of_file = std::uint64_t{1} << 61,
                          exclusive = std::uint64_t{1} << 56;
  Memory& memory = space.memory();
  const Pte leaf = space.tree().walk(va);
  if (leaf.is_empty()) return 0;
  const Ppn frame = leaf.frame();
  return present | frame.value() | (is_file_page(memory, frame) ? of_file : 0) |
         (space.tree().find_owned(va) != Ppn() && !memory.frames.is_shared(frame) ? exclusive : 0);
}

void print_statm(const ProcQuery& query, ProcWindow& to) {
  const Footprint pages = footprint(query.process);
  format(to, "{} {} {} {} 0 {} 0\n", pages.size, pages.resident, pages.files, pages.text, pages.data + pages.stack);
}

// The strings of argv, as they are in the process's memory now.
void print_cmdline(const ProcQuery& query, ProcWindow& to) {
  const auto& space = query.process.space;
  const VirtRange strings = query.process.arguments;
  for (VirtAddr va = strings.start; space && va < strings.end;) {
    const Pte leaf = space->tree().walk(va);
    if (!leaf.is_valid()) return;
    const std::uint64_t size = std::min(page_size - va.offset(), strings.end - va);
    to.write({reinterpret_cast<const char*>(to_pointer(leaf.frame())) + va.offset(), size});
    va = va + size;
  }
}

void print_maps(const ProcQuery& query, ProcWindow& to) {
  const auto& space = query.process.space;
  if (!space) return;
  space->regions().for_each([&](const Region& region) { print_region(query, region, to); });
}

void print_pagemap(const ProcQuery& query, ProcWindow& to) {
  const auto& space = query.process.space;
  to.write_numbers(user_end.value() / page_size,
                   [&](std::uint64_t page) { return space ? pagemap_entry(*space, VirtAddr(page * page_size)) : 0; });
}

// The tree of page tables, as far as a read wants it.
void print_tables(const ProcQuery& query, ProcWindow& to) {
  const auto& space = query.process.space;
  if (space) print_tree(space->memory(), space->tree().root(), root_level, VirtAddr(), to);
}

// The figures that print_stat() and print_status() share: state, parent and signals.
struct Facts {
  std::string_view state;  // Linux: task_state_array
  int parent = 0;
  std::uint64_t pending = 0;
  std::uint64_t blocked = 0;
  std::uint64_t ignored = 0;
  std::uint64_t caught = 0;
};

Facts facts_of(Process& process) {
  Facts facts;
  if (const Ref<Process> parent = process.parent_now()) facts.parent = parent->pid;
  Signals& signals = process.signals;
  {
    const LockGuard guard(process.thread.lock);
    facts.state = process.thread.state == ThreadState::awake ? "R (running)" : "S (sleeping)";
    if (signals.stopped.load(relaxed) != 0) facts.state = "T (stopped)";
    if (process.thread.state == ThreadState::exited) facts.state = "Z (zombie)";  // it has freed all but its record
  }
  const LockGuard guard(signals.lock);
  facts.pending = signals.pending;
  facts.blocked = signals.blocked;
  for (int signal = 1; signal <= abi::highest_signal; ++signal) {
    const std::uint64_t handler = signals.action(signal).sa_handler;
    if (handler == abi::sig_dfl) continue;
    (handler == abi::sig_ign ? facts.ignored : facts.caught) |= signal_bit(signal);
  }
  return facts;
}

constexpr std::string_view mounts = "tmpfs / tmpfs rw 0 0\nproc /proc proc rw 0 0\n";

// Prints Linux's 52 fields. A field that the kernel does not measure is 0.
void print_stat(const ProcQuery& query, ProcWindow& to) {
  Process& process = query.process;
  const Facts facts = facts_of(process);
  const Footprint pages = footprint(process);
  const Usage own = process.own_usage();
  const int sid = process.sid.load(relaxed);
  const Terminal::Owner owner = query.kernel.terminal.state().owner;
  const bool terminal = owner.session == sid && sid != 0;
  const auto ticks = [&](std::uint64_t time) { return to_user_ticks(query.kernel, time); };
  format(to, "{} ({}) {} {} {} {} {} {} 0 {} {} 0 0 ", process.pid, process.name.data(), facts.state.substr(0, 1),
         facts.parent, process.pgid.load(relaxed), sid, terminal ? query.kernel.terminal.status().st_rdev : 0,
         terminal ? owner.foreground : -1, own.faults, process.children_usage.faults);
  format(to, "{} 0 {} 0 {} {} 1 0 {} {} {} {} ", ticks(own.run_time), ticks(process.children_usage.run_time),
         20 + process.nice, process.nice, ticks(process.started), pages.size * page_size, pages.resident,
         abi::rlim_infinity);
  format(to, "0 0 0 0 0 {} {} {} {} 0 0 0 {} {} 0 0 0 0 0 0 0 0 {} {} 0 0 {}\n", facts.pending, facts.blocked,
         facts.ignored, facts.caught, abi::sigchld, process.thread.hart.load(relaxed), process.arguments.start,
         process.arguments.end, process.wait_status);
}

void print_status(const ProcQuery& query, ProcWindow& to) {
  Process& process = query.process;
  const Facts facts = facts_of(process);
  const Footprint pages = footprint(process);
  format(to, "Name:\t{}\nUmask:\t0{:03}\nState:\t{}\nTgid:\t{}\nNgid:\t0\nPid:\t{}\nPPid:\t{}\nTracerPid:\t0\n",
         process.name.data(), (process.umask >> 6) * 100 + (process.umask >> 3 & 7) * 10 + (process.umask & 7),
         facts.state, process.pid, process.pid, facts.parent);
  format(to, "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t{}\nGroups:\t \n", FdTable::capacity);
  if (pages.size > 0) {
    constexpr std::uint64_t size = page_size / 1024;
    format(to, "VmSize:\t{:8} kB\nVmRSS:\t{:8} kB\nRssAnon:\t{:8} kB\nRssFile:\t{:8} kB\n", pages.size * size,
           pages.resident * size, (pages.resident - pages.files) * size, pages.files * size);
    format(to, "VmData:\t{:8} kB\nVmStk:\t{:8} kB\nVmExe:\t{:8} kB\n", pages.data * size, pages.stack * size,
           pages.text * size);
  }
  format(to, "Threads:\t1\nSigPnd:\t{:016x}\nShdPnd:\t{:016x}\nSigBlk:\t{:016x}\nSigIgn:\t{:016x}\nSigCgt:\t{:016x}\n",
         facts.pending, 0u, facts.blocked, facts.ignored, facts.caught);
}

Ref<Inode> inode_of(const File* file) { return file != nullptr ? Ref<Inode>::share(*file->inode()) : Ref<Inode>(); }
Ref<Inode> file_of(const ProcQuery& query) { return inode_of(query.process.files.get(query.fd).value_or(nullptr)); }

int next_fd(const ProcQuery& query, int fd) {
  for (; fd < static_cast<int>(FdTable::capacity); ++fd) {
    if (query.process.files.get(static_cast<unsigned>(fd))) return fd;
  }
  return -1;
}

constexpr ProcNode fd_node{.mode = abi::s_iflnk | 0700, .link = file_of};
constexpr ProcNode entries[]{
    {.name = "cmdline", .mode = file, .print = print_cmdline},
    {.name = "comm",
     .mode = file,
     .print = [](auto& query, auto& to) { format(to, "{}\n", query.process.name.data()); }},
    {.name = "cwd", .mode = link, .link = [](auto& query) { return query.process.cwd; }},
    {.name = "exe", .mode = link, .link = [](auto& query) { return inode_of(query.process.program.get()); }},
    {.name = "fd", .mode = abi::s_ifdir | 0500, .numbered = &fd_node, .next = next_fd},
    {.name = "maps", .mode = file, .print = print_maps},
    {.name = "mounts", .mode = file, .print = [](auto&, auto& to) { to.write(mounts); }},
    {.name = "pagemap", .mode = abi::s_ifreg | 0400, .print = print_pagemap, .numbers = true},
    {.name = "stat", .mode = file, .print = print_stat},
    {.name = "statm", .mode = file, .print = print_statm},
    {.name = "status", .mode = file, .print = print_status},
    {.name = "tables", .mode = abi::s_ifreg | 0400, .print = print_tables},
};

}  // namespace

constexpr ProcNode proc_of_process{.mode = abi::s_ifdir | 0555, .entries = entries};

}  // namespace ox
