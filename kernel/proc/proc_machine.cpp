// /proc's files about the machine.
#include "proc/proc_files.h"

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

// Those that do not sleep.
unsigned count_running(Kernel& kernel) {
  unsigned running = 0;
  kernel.scheduler.alone([&] {
    kernel.pids.for_each([&](Process& process) NO_THREAD_SAFETY_ANALYSIS {
      if (process.thread.state == ThreadState::awake) ++running;
    });
  });
  return running;
}

void print_self(const ProcQuery& query, ProcWindow& to) { format(to, "{}", query.process.pid); }

void print_meminfo(const ProcQuery& query, ProcWindow& to) {
  const auto [free, pages, kept, tables, kernels] = count_kinds(query.kernel);
  const auto line = [&](std::string_view name, std::uint64_t frames) {
    format(to, "{}: ", name);
    for (std::size_t i = name.size(); i < 14; ++i) to.write(" ");
    format(to, "{:8} kB\n", frames * (page_size / 1024));
  };
  line("MemTotal", query.kernel.memory.frames.total());
  line("MemFree", free);
  line("MemAvailable", free);
  line("Buffers", 0);
  line("Cached", kept);
  line("SwapTotal", 0);
  line("SwapFree", 0);
  line("AnonPages", pages);
  line("Shmem", 0);
  line("PageTables", tables);
}

void print_vmstat(const ProcQuery& query, ProcWindow& to) {
  const auto [free, pages, kept, tables, kernels] = count_kinds(query.kernel);
  const std::string_view pattern = "{} {}\n";
  format(to, pattern, "nr_free_pages", free);
  format(to, pattern, "nr_anon_pages", pages);
  format(to, pattern, "nr_file_pages", kept);
  format(to, pattern, "nr_page_table_pages", tables);
  format(to, pattern, "nr_kernel_pages", kernels);
  std::uint64_t faults = 0;
  for (const Counters& counters : query.kernel.memory.counters) {
    for (const auto& outcome : counters.faults) faults += outcome.load(relaxed);
  }
  format(to, pattern, "pgfault", faults);
  query.kernel.write_counters(to, pattern);
}

// "cpu" and "cpuN": user and idle are the fields that say something.
void print_stat(const ProcQuery& query, ProcWindow& to) {
  Kernel& kernel = query.kernel;
  const auto harts = static_cast<unsigned>(kernel.boot.harts.size());
  const std::uint64_t now = csr_read<Csr::time>();
  std::array<std::uint64_t, max_harts> idle{};
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < harts; ++i) sum += idle[i] = std::min(now, kernel.scheduler.idle_time(i));
  const auto line = [&](std::uint64_t time, std::uint64_t spare) {
    format(to, " {} 0 0 {} 0 0 0 0 0 0\n", to_user_ticks(kernel, time - spare), to_user_ticks(kernel, spare));
  };
  to.write("cpu ");
  line(now * harts, sum);
  for (unsigned i = 0; i < harts; ++i) {
    format(to, "cpu{}", i);
    line(now, idle[i]);
  }
  format(to, "intr 0\nctxt 0\nbtime 0\nprocesses {}\nprocs_running {}\nprocs_blocked 0\nsoftirq 0\n",
         kernel.pids.taken(), count_running(kernel));
}

void print_uptime(const ProcQuery& query, ProcWindow& to) {
  Kernel& kernel = query.kernel;
  std::uint64_t idle = 0;
  for (unsigned i = 0; i < kernel.boot.harts.size(); ++i) idle += kernel.scheduler.idle_time(i);
  const std::uint64_t up = to_user_ticks(kernel, csr_read<Csr::time>());
  idle = to_user_ticks(kernel, idle);
  format(to, "{}.{:02} {}.{:02}\n", up / ticks_a_second, up % ticks_a_second, idle / ticks_a_second,
         idle % ticks_a_second);
}

void print_loadavg(const ProcQuery& query, ProcWindow& to) {
  const PidTable& pids = query.kernel.pids;
  format(to, "0.00 0.00 0.00 {}/{} {}\n", count_running(query.kernel), pids.count(), pids.last());
}

void print_version(const ProcQuery&, ProcWindow& to) {
  format(to, "{} version {} {}\n", Kernel::system, Kernel::release, Kernel::version);
}

void print_cpuinfo(const ProcQuery& query, ProcWindow& to) {
  for (unsigned i = 0; i < query.kernel.boot.harts.size(); ++i) {
    format(to, "processor\t: {}\nhart\t\t: {}\nisa\t\t: rv64imafdc\nmmu\t\t: sv39\n\n", i,
           query.kernel.boot.harts.all()[i]);
  }
}

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

constexpr std::uint32_t directory = abi::s_ifdir | 0555;
constexpr std::uint32_t file = abi::s_ifreg | 0444;
constexpr std::uint32_t link = abi::s_iflnk | 0777;

constexpr ProcNode vm_entries[]{
    {.name = "fork_mode", .mode = file | 0200, .print = print_fork_mode, .write = set_fork_mode},
};
constexpr ProcNode sys_entries[]{{.name = "vm", .mode = directory, .entries = vm_entries}};
constexpr ProcNode root_entries[]{
    {.name = "cpuinfo", .mode = file, .print = print_cpuinfo},
    {.name = "filesystems", .mode = file, .print = [](auto&, auto& to) { to.write("nodev\ttmpfs\nnodev\tproc\n"); }},
    {.name = "kpagecount", .mode = abi::s_ifreg | 0400, .print = print_kpagecount, .numbers = true},
    {.name = "loadavg", .mode = file, .print = print_loadavg},
    {.name = "meminfo", .mode = file, .print = print_meminfo},
    {.name = "mounts", .mode = link, .print = [](auto&, auto& to) { to.write("self/mounts"); }},
    {.name = "self", .mode = link, .print = print_self},
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
