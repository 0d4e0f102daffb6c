// The hub: where each of the machine's objects is. main.cpp makes them, before the first process and for good.
//
// Each is declared in a room of its own, and a file includes the rooms of those that it uses. The hub includes none of
// them, so that a process, which refers to it, does not drag the whole house along. Locks: each object has its own.
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
  static constexpr std::string_view release = "6.1.0-ox";  // glibc refuses to start on a kernel older than it is for
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
  FrameRef signal_code{};  // signal/deliver.h: signal_page
};

}  // namespace ox
