// A process: an address space, open files, a place in the family tree, and the thread that runs it.
//
// Owns: all of that. The record itself is held by references: the table of processes has one until the process is
// waited for, and each child has one to its parent.
// Locks: stated at each part below. What has none belongs to the hart that runs the process, and to nobody before its
// first run and after its last. Fails: making one needs memory and a free pid; exit needs nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "abi/process.h"
#include "arch/riscv/trap_frame.h"
#include "fs/fd_table.h"
#include "fs/inode.h"
#include "lib/list.h"
#include "lib/memory_layout.h"
#include "sched/thread.h"
#include "sched/wait_queue.h"
#include "signal/signals.h"
#include "sync/ref.h"
#include "vm/space.h"

namespace ox {

struct Kernel;

// Time and faults of a process, or of the children that it has waited for.
struct Usage {
  std::uint64_t run_time = 0;  // in ticks of the time CSR
  std::uint64_t faults = 0;

  Usage& operator+=(const Usage& other) {
    run_time += other.run_time;
    faults += other.faults;
    return *this;
  }
};

// Linux: ITIMER_REAL. A periodic one is armed anew when its signal has been taken (Linux: dequeue_signal), for the
// first of its times that lies in the future. So a period shorter than what a signal costs does no harm.
struct Alarm final : Timer {
  explicit Alarm(Process& its_process) : process(&its_process) {}
  // The process has taken a SIGALRM.
  void go_on();

  Process* process;
  std::uint64_t due = 0;       // the next time, or the last one if it is not armed
  std::uint64_t interval = 0;  // 0: once

 private:
  std::uint64_t expired(std::uint64_t now) override;
  std::uint64_t next_after(std::uint64_t now);
};

// The limits that can be set, and hold (Linux: rlimit); all others are infinite. None may be set above what it is here.
struct Limits {
  static constexpr abi::rlimit64 none{abi::rlim_infinity, abi::rlim_infinity};

  abi::rlimit64 file_size = none;
  abi::rlimit64 stack{stack_size, stack_size};  // of the next program
  abi::rlimit64 core{0, abi::rlim_infinity};    // there are no core files
  abi::rlimit64 files{FdTable::capacity, FdTable::capacity};
  abi::rlimit64 space = none;

  // Null: `resource` is none of them.
  abi::rlimit64* find(std::uint32_t resource) {
    static constexpr std::pair<std::uint32_t, abi::rlimit64 Limits::*> all[]{{abi::rlimit_fsize, &Limits::file_size},
                                                                             {abi::rlimit_stack, &Limits::stack},
                                                                             {abi::rlimit_core, &Limits::core},
                                                                             {abi::rlimit_nofile, &Limits::files},
                                                                             {abi::rlimit_as, &Limits::space}};
    for (const auto& [number, limit] : all) {
      if (number == resource) return &(this->*limit);
    }
    return nullptr;
  }
};

// A child starts with its parent's values of these, and then has its own.
struct Inherited {
  Ref<Inode> cwd;
  std::uint32_t umask = 022;
  Ref<File> program;            // what it executes
  std::array<char, 16> name{};  // Linux: comm
  VirtRange arguments{};        // where exec put the strings of argv
  Limits limits;
  int nice = 0;
};

// Its place in the family tree, and what its parent has not heard of it yet.
struct FamilyMember {
  explicit FamilyMember(bool is_init) : family_lock(is_init ? LockRank::init_family : LockRank::family) {}

  SpinLock parent_lock{LockRank::process};
  Ref<Process> parent GUARDED_BY(parent_lock);  // changes when the parent dies

  SpinLock family_lock;
  WaitQueue family_changed;  // a child has news, or gave the space back
  // The parent's family_lock guards these three.
  ListHook<Process> family_hook;
  std::uint32_t news = 0;  // WEXITED, WSTOPPED; 0: nothing. That it was continued stands in its signals.
  std::int32_t news_status = 0;
  List<Process, &FamilyMember::family_hook> children GUARDED_BY(family_lock);  // the dead ones too
};

// Its process group and its session. Written with Groups::lock held.
struct GroupMember {
  Atomic<int> pgid{0};
  Atomic<int> sid{0};
  Atomic<bool> forgotten{false};  // waited for; the record stays for the group that has its number
  ListHook<Process> group_hook;   // on its group's list: the members of the process with number pgid
  List<Process, &GroupMember::group_hook> members;
};

// The word of memory that it waits for, and the bits of which a wake-up needs one (proc/futex.h).
struct FutexWaiter {
  PhysAddr futex;
  std::uint32_t futex_mask = 0;
  ListHook<Process> futex_hook;
};

// What it has used so far, next to its thread's time.
struct Accounts {
  const std::uint64_t started = csr_read<Csr::time>();
  std::uint64_t faults = 0;
  unsigned spurious_faults = 0;  // in a row
  Usage children_usage;
};

struct Process : RefCounted, Inherited, FamilyMember, GroupMember, FutexWaiter, Accounts {
  // A process with a pid and a kernel stack. It enters user mode with the registers that the caller puts into frame().
  static Result<Ref<Process>> create(Kernel& kernel);
  Process(Kernel& its_kernel, int its_pid);
  static void destroy(Process* process);

  // The process that runs on this hart. Not for idle threads.
  static Process& current() { return *this_hart().current->process; }

  // The user's registers, as the last trap saved them.
  TrapFrame& frame() { return *reinterpret_cast<TrapFrame*>(thread.stack.top() - sizeof(TrapFrame)); }
  // The parent at this moment; a moment later it may be another.
  Ref<Process> parent_now();
  Usage own_usage() const { return {thread.used_time(), faults}; }
  Usage usage() const { return own_usage() += children_usage; }
  void set_name(std::string_view its_name);
  // From now on the process runs in this space.
  void adopt_space(AddressSpace&& its_space);
  // Reports that the space was another process's until now.
  void tell_move() const;

  Kernel& kernel;
  const int pid;
  Thread thread;

  std::optional<AddressSpace> space;  // none while it is lent to a vfork child, and after exit
  bool borrowed_space = false;        // the space is the parent's; exec or exit gives it back (rule 7)
  FdTable files;
  Signals signals;

  // Of calls that are made again, or go on when the process runs again.
  std::uint64_t child_tid_address = 0;  // CLONE_CHILD_SETTID: where the first run stores the pid; 0: nowhere
  std::uint64_t sleep_deadline = 0;     // of the sleep that restart_syscall(2) continues
  VirtAddr sleep_remaining;
  Alarm alarm{*this};

  Atomic<bool> has_execed{false};
  Atomic<bool> exiting{false};
  std::int32_t wait_status = 0;  // set at exit
};

// clone(2) without threads: makes a child that continues where `self`'s system call returns, with 0 in a0. With `lend`
// (CLONE_VM | CLONE_VFORK) the child runs in the parent's space until it execs or exits. `stack` is its sp; 0: the
// parent's.
Result<int> clone_process(Process& self, bool lend, std::uint64_t stack, std::uint64_t child_tid_address);

// A new process's first steps, on its own stack, before it enters user mode.
void first_steps(Process& self);

// Gives the space back to its lender, or frees it. This hart then runs on the kernel's root.
void give_up_space(Process& self);

// execve(2). `argv` and `envp` are arrays of strings in `self`'s user memory, each ended by 0; address 0 is an empty
// array. On failure `self` is as before; if the file is at fault, the reason says what is wrong with it.
Result<void, Refusal> exec_process(Process& self, std::string_view path, VirtAddr argv, VirtAddr envp);

// The other half of exit, on another stack: releases the thread's stack and shows the parent a zombie.
void reap_process(Thread& thread);

// Ends the process; its parent learns `wait_status` (abi/process.h).
[[noreturn]] void exit_process(Process& self, std::int32_t wait_status);

// --- what a parent learns of its children
struct ChildReport {
  int pid = 0;
  std::int32_t status = 0;  // as wait4 stores it
  Usage usage;
};
// wait4(2) and waitid(2). `children` is a pid, minus a process group, or 0 for any child. A zombie that is reported is
// gone, unless WNOWAIT is among the options. The report has pid 0 if WNOHANG is set and there is no news.
// Errno::echild: there is no such child.
Result<ChildReport> wait_for_child(Process& self, int children, std::uint32_t options);
// SIGCHLD's details, and waitid's.
SigInfo child_info(int pid, std::int32_t status);
// Tells the parent that `self` has stopped, was continued, or has ended. False: it has ended and nobody will wait for
// it.
bool report_to_parent(Process& self, std::uint32_t news, std::int32_t status);

// Kills a process for which there is no memory (rule 10).
[[noreturn]] void kill_for_memory(Process& self);
}  // namespace ox
