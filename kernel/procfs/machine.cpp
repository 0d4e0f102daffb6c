// /proc's files about the machine.
#include "audit/audit.h"
#include "dev/device_tree.h"
#include "hub/options.h"
#include "proc/pid_table.h"
#include "procfs/procfs.h"

namespace ox {

namespace {

using Kinds = std::array<std::uint64_t, 5>;  // frames by FrameKind

Kinds count_kinds(Kernel& kernel) {
  Kinds kinds{};
  kernel.scheduler.alone([&] {
    kernel.memory.frames.for_each_known([&](Ppn, const Frame& record) { ++kinds[static_cast<unsigned>(record.kind)]; });
    kinds[0] = kernel.memory.frames.free_count();
  });
  return kinds;
}

void print_lines(ProcWindow& to, std::string_view pattern,
                 std::initializer_list<std::pair<std::string_view, std::uint64_t>> lines) {
  for (const auto& [name, number] : lines) format(to, pattern, name, number);
}

void print_meminfo(const ProcQuery& query, ProcWindow& to) {
  constexpr std::uint64_t size = page_size / 1024;
  const auto [free, pages, kept, tables, kernels] = count_kinds(query.kernel);
  print_lines(to, "{}{:8} kB\n",
              {{"MemTotal:       ", query.kernel.memory.frames.total() * size},
               {"MemFree:        ", free * size},
               {"MemAvailable:   ", free * size},
               {"Buffers:        ", 0},
               {"Cached:         ", kept * size},
               {"SwapTotal:      ", 0},
               {"SwapFree:       ", 0},
               {"AnonPages:      ", pages * size},
               {"PageTables:     ", tables * size}});
}

void print_vmstat(const ProcQuery& query, ProcWindow& to) {
  const auto [free, pages, kept, tables, kernels] = count_kinds(query.kernel);
  std::uint64_t faults = 0;
  for (const Counters& counters : query.kernel.memory.trace.counters) {
    for (const auto& outcome : counters.faults) faults += outcome.load(relaxed);
  }
  const std::string_view pattern = "{} {}\n";
  print_lines(to, pattern,
              {{"nr_free_pages", free},
               {"nr_anon_pages", pages},
               {"nr_file_pages", kept},
               {"nr_page_table_pages", tables},
               {"nr_kernel_pages", kernels},
               {"pgfault", faults}});
  write_counters(query.kernel.memory, to, pattern);
}

// The idle time of harts [first, end), in user ticks.
std::uint64_t idle_time(Kernel& kernel, unsigned first, unsigned end) {
  std::uint64_t idle = 0;
  for (unsigned i = first; i < end; ++i) idle += kernel.scheduler.idle_time(i);
  return to_user_ticks(kernel, idle);
}

// Of a processor's times only user and idle are measured; the others are 0.
void print_stat(const ProcQuery& query, ProcWindow& to) {
  Kernel& kernel = query.kernel;
  const auto harts = static_cast<unsigned>(kernel.boot.harts.size());
  const auto print_times = [&](unsigned first, unsigned end) {
    const std::uint64_t all = to_user_ticks(kernel, csr_read<Csr::time>()) * (end - first);
    const std::uint64_t idle = std::min(all, idle_time(kernel, first, end));
    format(to, " {} 0 0 {} 0 0 0 0 0 0\n", all - idle, idle);
  };
  to.write("cpu ");
  print_times(0, harts);
  for (unsigned i = 0; i < harts; ++i) {
    format(to, "cpu{}", i);
    print_times(i, i + 1);
  }
  format(to, "intr 0\nctxt 0\nbtime 0\nprocesses {}\nprocs_running 1\nprocs_blocked 0\n", kernel.pids.taken());
}

void print_uptime(const ProcQuery& query, ProcWindow& to) {
  const std::uint64_t up = to_user_ticks(query.kernel, csr_read<Csr::time>());
  const std::uint64_t idle = idle_time(query.kernel, 0, static_cast<unsigned>(query.kernel.boot.harts.size()));
  format(to, "{}.{:02} {}.{:02}\n", up / 100, up % 100, idle / 100, idle % 100);
}

void print_cpuinfo(const ProcQuery& query, ProcWindow& to) {
  for (unsigned i = 0; i < query.kernel.boot.harts.size(); ++i) {
    format(to, "processor\t: {}\nhart\t\t: {}\nisa\t\t: rv64imafdc\nmmu\t\t: sv39\n\n", i,
           query.kernel.boot.harts.all()[i]);
  }
}

void print_loadavg(const ProcQuery& query, ProcWindow& to) {
  format(to, "0.00 0.00 0.00 1/{} {}\n", query.kernel.pids.count(), query.kernel.pids.last());
}

void print_version(const ProcQuery&, ProcWindow& to) {
  format(to, "{} version {} {}\n", Kernel::system, Kernel::release, Kernel::version);
}

// The count of each frame (rule 1).
void print_kpagecount(const ProcQuery& query, ProcWindow& to) {
  const Frames& frames = query.kernel.memory.frames;
  to.write_numbers(frames.end().value(), [&](std::uint64_t frame) -> std::uint64_t {
    return frames.contains(Ppn(frame)) ? frames.record(Ppn(frame)).count.load(relaxed) : 0;
  });
}

void print_cmdline(const ProcQuery& query, ProcWindow& to) { format(to, "{}\n", query.kernel.boot.command_line()); }

void print_fork_mode(const ProcQuery& query, ProcWindow& to) {
  format(to, "{}\n", name(query.kernel.memory.mode.load(relaxed)));
}

Result<> set_fork_mode(Kernel& kernel, std::string_view text) {
  const auto mode = fork_mode(text);
  if (!mode) return Errno::einval;
  kernel.memory.mode.store(*mode, relaxed);
  return {};
}

int next_pid(const ProcQuery& query, int pid) {
  const Ref<Process> process = query.kernel.pids.next(pid);
  return process ? process->pid : -1;
}

constexpr ProcNode vm_entries[]{
    {.name = "fork_mode", .mode = file | 0200, .print = print_fork_mode, .write = set_fork_mode},
};
constexpr ProcNode sys_entries[]{{.name = "vm", .mode = directory, .entries = vm_entries}};
constexpr ProcNode root_entries[]{
    {.name = "cmdline", .mode = file, .print = print_cmdline},
    {.name = "cpuinfo", .mode = file, .print = print_cpuinfo},
    {.name = "filesystems", .mode = file, .print = [](auto&, auto& to) { to.write("nodev\ttmpfs\nnodev\tproc\n"); }},
    {.name = "kpagecount", .mode = abi::s_ifreg | 0400, .print = print_kpagecount, .numbers = true},
    {.name = "loadavg", .mode = file, .print = print_loadavg},
    {.name = "meminfo", .mode = file, .print = print_meminfo},
    {.name = "mounts", .mode = link, .print = [](auto&, auto& to) { to.write("self/mounts"); }},
    {.name = "self", .mode = link, .print = [](auto& query, auto& to) { format(to, "{}", query.process.pid); }},
    {.name = "stat", .mode = file, .print = print_stat},
    {.name = "sys", .mode = directory, .entries = sys_entries},
    {.name = "uptime", .mode = file, .print = print_uptime},
    {.name = "version", .mode = file, .print = print_version},
    {.name = "vmstat", .mode = file, .print = print_vmstat},
};

}  // namespace

constexpr ProcNode proc_root{
    .name = "proc", .mode = directory, .entries = root_entries, .numbered = &proc_of_process, .next = next_pid};

}  // namespace ox
