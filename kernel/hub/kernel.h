// The hub: a reference to each of the machine's objects. main.cpp makes them before the first process, and they live as
// long as the machine.
//
// A file that uses an object includes that object's header. The hub includes none of them, so that proc/process.h,
// which refers to the hub, does not include the whole kernel. Locks: each object has its own.
#pragma once

#include <cstdint>
#include <string_view>

#include "vm/frame.h"

namespace ox {

class Audit;
class CallLog;
class Console;
class FileSystem;
class Futexes;
class Groups;
class PidTable;
class Plic;
class RandomDevice;
class Scheduler;
class Slabs;
class Terminal;
struct BootInfo;
struct Memory;
struct Options;
struct Process;

struct Kernel {
  // Linux: uname(2).
  static constexpr std::string_view system = "ox";
  static constexpr std::string_view release = "6.1.0-ox";  // glibc refuses to start on a kernel that is too old for it
  static constexpr std::string_view version = "#1";

  const BootInfo& boot;
  const Options& options;
  Memory& memory;
  Console& console;
  Plic& plic;
  Slabs& slabs;
  Scheduler& scheduler;
  FileSystem& fs;
  Terminal& terminal;
  RandomDevice& random;
  PidTable& pids;
  Groups& groups;
  Futexes& futexes;
  Audit& audit;
  CallLog& calls;
  Process* init = nullptr;
  FrameRef signal_code{};  // the page that signal handlers return to (signal/deliver.h)
};

}  // namespace ox
