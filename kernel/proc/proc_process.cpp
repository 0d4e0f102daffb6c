// /proc's files about a process, but for its memory.
#include "proc/proc_files.h"

namespace ox {

namespace {

// What is worth a look at a process: its state as ps shows it, its parent, its signals.
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
  {
    const LockGuard guard(process.thread.lock);
    facts.state = process.thread.state == ThreadState::awake ? "R (running)" : "S (sleeping)";
  }
  Signals& signals = process.signals;
  if (signals.stopped.load(relaxed) != 0) facts.state = "T (stopped)";
  if (process.exiting.load(relaxed)) facts.state = "Z (zombie)";
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

// Of its 52 fields those that are not known are 0.
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

Ref<Inode> file_of(const ProcQuery& query) {
  const auto file = query.process.files.get(query.fd);
  return file ? Ref<Inode>::share(*(*file)->inode()) : Ref<Inode>();
}

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
    {.name = "exe", .mode = link, .link = [](auto& query) { return query.process.executable; }},
    {.name = "fd", .mode = abi::s_ifdir | 0500, .numbered = &fd_node, .next = next_fd},
    {.name = "maps", .mode = file, .print = print_maps},
    {.name = "mounts", .mode = file, .print = [](auto&, auto& to) { to.write(mounts); }},
    {.name = "pagemap", .mode = abi::s_ifreg | 0400, .print = print_pagemap, .numbers = true},
    {.name = "stat", .mode = file, .print = print_stat},
    {.name = "statm", .mode = file, .print = print_statm},
    {.name = "status", .mode = file, .print = print_status},
};

}  // namespace

constexpr ProcNode proc_of_process{.mode = abi::s_ifdir | 0555, .entries = entries};

}  // namespace ox
