// A process: an address space, open files, a place in the family tree, and the thread that runs it.
//
// Owns: all of that. References keep the record alive: the table of processes has one until the process has been waited
// for, and each child has one to its parent until then.
// Locks: stated at each part below. Only the hart that runs the process uses a part without a lock.
// Fails: making a process needs memory and a free pid; exit needs neither.
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

// The timer of alarm(2) and setitimer(2), ITIMER_REAL. A periodic alarm is armed again only when its signal has been
// taken (Linux: dequeue_signal), for its first time in the future. So a period that is shorter than the handling of a
// signal does no harm.
struct Alarm final : Timer {
  explicit Alarm(Process& its_process) : process(&its_process) {}
  // Called when the process has taken a SIGALRM.
  void go_on();

  Process* process;
  std::uint64_t due = 0;       // the next time; if not armed, the last one
  std::uint64_t interval = 0;  // 0: once

 private:
  std::uint64_t expired(std::uint64_t now) override;
  std::uint64_t next_after(std::uint64_t now);
};

// The resource limits that can be set and are enforced (setrlimit(2)); all others are infinite. None can be raised
// above the maximum here.
struct Limits {
  static constexpr abi::rlimit64 none{abi::rlim_infinity, abi::rlim_infinity};

  abi::rlimit64 file_size = none;
  abi::rlimit64 stack{stack_size, stack_size};  // of the next program
  abi::rlimit64 core{0, abi::rlim_infinity};    // there are no core files
  abi::rlimit64 files{FdTable::capacity, FdTable::capacity};
  abi::rlimit64 space = none;

  // The limit with Linux's number `resource`. Null: it cannot be set.
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

// A child starts with copies of its parent's values.
struct Inherited {
  Ref<Inode> cwd;
  std::uint32_t umask = 022;
  Ref<File> program;            // the file that it executes
  std::array<char, 16> name{};  // Linux: comm
  VirtRange arguments{};        // the strings of argv, where exec put them
  Limits limits;
  int nice = 0;
};

// A process's place in the family tree, and its news that the parent has not waited for yet.
struct FamilyMember {
  explicit FamilyMember(bool is_init) : family_lock(is_init ? LockRank::init_family : LockRank::family) {}

  SpinLock parent_lock{LockRank::process};
  Ref<Process> parent GUARDED_BY(parent_lock);  // changes when the parent dies; null once the process is forgotten

  SpinLock family_lock;  // a parent that waits for a child's news, or for its space, sleeps with this lock
  // The parent's family_lock guards these three.
  ListHook<Process> family_hook;
  std::uint32_t news = 0;  // WEXITED or WSTOPPED; 0: none. Signals::was_continued has WCONTINUED.
  std::int32_t news_status = 0;
  List<Process, &FamilyMember::family_hook> children GUARDED_BY(family_lock);  // zombies too
};

// A process's group and session. Written with Groups::lock held.
struct GroupMember {
  Atomic<int> pgid{0};
  Atomic<int> sid{0};
  Atomic<bool> forgotten{false};  // no wait can find it; the record stays for the group of its number
  ListHook<Process> group_hook;   // on the list `members` of the process with pid pgid
  List<Process, &GroupMember::group_hook> members;
};

// The futex that a process waits for, and its mask: a wake-up must have one of these bits (proc/futex.h).
struct FutexWaiter {
  PhysAddr futex;
  std::uint32_t futex_mask = 0;
  WaitQueue futex_queue;  // it sleeps here alone
  ListHook<Process> futex_hook;
};

// A process's use of resources, besides its thread's time.
struct Accounts {
  const std::uint64_t started = csr_read<Csr::time>();
  std::uint64_t faults = 0;
  unsigned spurious_faults = 0;  // in a row
  Usage children_usage;
};

struct Process : RefCounted, Inherited, FamilyMember, GroupMember, FutexWaiter, Accounts {
  // Makes a process with a pid and a kernel stack. It will enter user mode with the registers that the caller puts into
  // frame().
  static Result<Ref<Process>> create(Kernel& kernel);
  Process(Kernel& its_kernel, int its_pid);
  static void destroy(Process* process);

  // The process that runs on this hart. Not for idle threads.
  static Process& current() { return *this_hart().current->process; }

  // The user's registers, as the last trap saved them.
  TrapFrame& frame() { return *reinterpret_cast<TrapFrame*>(thread.stack.top() - sizeof(TrapFrame)); }
  // The present parent. It can exit at any time, and then init is the parent.
  Ref<Process> parent_now();
  Usage own_usage() const { return {thread.used_time(), faults}; }
  Usage usage() const { return own_usage() += children_usage; }
  void set_name(std::string_view its_name);
  // Makes this the space in which the process runs.
  void adopt_space(AddressSpace&& its_space);
  // Reports to the event sink that the space has moved here from another process.
  void tell_move() const;

  Kernel& kernel;
  const int pid;
  Thread thread;

  std::optional<AddressSpace> space;  // none while it is lent to a vfork child, and after exit
  bool borrowed_space = false;        // the space is the parent's; exec or exit gives it back (rule 7)
  FdTable files;
  Signals signals;

  // State of system calls that continue later: at the child's first run, or when a sleep is made again.
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

// The first function that a new process runs, on its own kernel stack, before it enters user mode.
void first_steps(Process& self);

// Gives a borrowed space back to its lender; frees any other. This hart then runs on the kernel's root.
void give_up_space(Process& self);

// execve(2). `argv` and `envp` are arrays of strings in `self`'s user memory, each ended by 0; address 0 is an empty
// array. On failure `self` is as before; if the file is at fault, the reason says what is wrong with it.
Result<void, Refusal> exec_process(Process& self, std::string_view path, VirtAddr argv, VirtAddr envp);

// Completes an exit, on another thread's stack: frees the exited thread's stack, and makes the process a
// zombie, or forgets it if its parent wants no zombies.
void reap_process(Thread& thread);

// Ends the process. Its parent gets `wait_status` (abi/process.h).
[[noreturn]] void exit_process(Process& self, std::int32_t wait_status);

// --- children, as their parent sees them
struct ChildReport {
  int pid = 0;
  std::int32_t status = 0;  // as wait4 stores it
  Usage usage;
};
// wait4(2) and waitid(2). `children` is a pid, a negative process group, or 0 for any child. Removes a zombie that it
// reports, unless WNOWAIT is among the options. The report has pid 0 if WNOHANG is set and there is no news.
// Errno::echild: there is no such child.
Result<ChildReport> wait_for_child(Process& self, int children, std::uint32_t options);
// The details that SIGCHLD and waitid(2) give.
SigInfo child_info(int pid, std::int32_t status);
// Tells the parent that `self` has stopped, was continued, or has ended. False: it has ended, and the parent does not
// want to wait for it.
bool report_to_parent(Process& self, std::uint32_t news, std::int32_t status);

// Kills a process because memory has run out (rule 10).
[[noreturn]] void kill_for_memory(Process& self);
}  // namespace ox
