// The machine's one set of objects, made by main.cpp and handed around by reference. Each has locks of its own; this
// only says where they are.
#pragma once

#include "dev/console.h"
#include "dev/device_tree.h"
#include "dev/plic.h"
#include "fs/devices.h"
#include "fs/file_system.h"
#include "fs/terminal.h"
#include "proc/futex.h"
#include "proc/options.h"
#include "proc/pid_table.h"
#include "proc/process.h"
#include "sched/scheduler.h"
#include "vm/checker.h"
#include "vm/memory.h"

namespace ox {

struct Kernel final : JobControl {
  Kernel(const BootInfo& its_boot, Memory& its_memory, Console& its_console)
      : boot(its_boot), memory(its_memory), console(its_console) {}

  // The other half of exit, on another stack: releases the thread's stack and shows the parent a zombie.
  static void reap(Thread& thread);
  // For the terminal (job_control.cpp).
  Caller caller() const override;
  bool group_is_in_session(int group, int session) const override;
  void signal_group(int group, int signal) override;
  Result<> background(int signal) override;
  // For fork, exec and the system calls (job_control.cpp). `process` has been waited for, its number may be free.
  void forget(Process& process);
  // A new child joins its parent's group and is found by its pid, unless a signal waits for the parent: it may have
  // been sent to the group or to all, and the child must not escape it. Then Errno::erestart_always.
  Result<> bear(const Ref<Process>& child, const Process& parent);
  Result<> set_group(Process& self, int pid, int pgid);
  Result<> new_session(Process& self);
  // Signal 0 only asks. False: no such group.
  bool send_to_group(int pgid, int signal, const SigInfo& info);
  bool orphaned(const Process& process);
  // Members of a group that nobody can continue any more are not left stopped.
  void hang_up_orphans(int pgid);
  // The machine ends with init, and with its status.
  [[noreturn]] void init_exited();
  [[noreturn]] void end(int status);
  // With `debug`: says once for each number that a program made a call that ox does not have, or not in this way.
  void note_call(std::uint64_t number, int pid, std::string_view what);
  // An external interrupt.
  void serve_devices();
  // With `debug`, on the way to user mode: the design's rules hold (vm/checker.h).
  void check(Process& self);
  // What forks and faults have done, each number as `pattern` says of its name and its value.
  void write_counters(TextSink& to, std::string_view pattern) const;

  // Linux: uname(2).
  static constexpr std::string_view system = "ox";
  static constexpr std::string_view release = "6.1.0-ox";  // glibc refuses to start on a kernel older than it is for
  static constexpr std::string_view version = "#1";

  Checker* checker = nullptr;
  const BootInfo& boot;
  const Options options = parse_options(boot.command_line());
  Memory& memory;
  Console& console;
  Plic plic{boot.plic.registers.start};
  Scheduler scheduler{memory, boot.harts.size(), boot.timebase, reap};
  Slabs slabs{memory.frames};
  FileSystem fs{memory, slabs, boot.timebase};
  Terminal terminal{fs, console, *this};
  ControllingTerminal controlling_terminal{fs, terminal};
  NullDevice null{fs};
  ZeroDevice zero{fs};
  FullDevice full{fs};
  RandomDevice random{fs};
  PidTable pids;
  Mutex births;  // nobody is born while a signal is sent to all, one after the other
  mutable SpinLock groups{LockRank::groups};
  Futexes futexes;
  Process* init = nullptr;
  FrameRef signal_code;  // proc/signal.h: signal_page
  // For `stats`: free frames and instructions before init's first instruction.
  std::uint64_t frames_before = 0;
  std::uint64_t instructions_before = 0;

 private:
  Process* group(int pgid) const REQUIRES(groups);
  void move_to_group(Process& process, int pgid, int sid) REQUIRES(groups);
  void leave_group(Process& process) REQUIRES(groups);
  void send_to_members(const Process& leader, int signal, const SigInfo& info = {}) REQUIRES(groups);

  bool recount();
  void print_stats();
  std::uint64_t lost_frames();

  Atomic<std::uint32_t> traps_{0};
  std::array<Atomic<std::uint64_t>, 8> noted_calls_{};
};

// Makes process 1 with the program and the arguments that the command line names, ready to run. False: it said why.
bool start_init(Kernel& kernel);

}  // namespace ox
