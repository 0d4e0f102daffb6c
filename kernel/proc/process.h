// A process: an address space, open files, a place in the family tree, and the thread that runs it.
//
// Owns: all of that. The record itself is held by references: the table of processes has one until the process is
// waited for, each child has one to its parent.
// Locks: `lock` guards `parent`, which changes when a parent dies; a process's `family_lock` guards its lists of
// children, living and dead. `pending` is atomic. All else belongs to the hart that runs the process, and to nobody
// before its first run and after its last.
// Fails: making one needs memory and a free pid; exit needs nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "arch/riscv/trap_frame.h"
#include "fs/fd_table.h"
#include "fs/inode.h"
#include "lib/list.h"
#include "sched/thread.h"
#include "sched/wait_queue.h"
#include "sync/ref.h"
#include "vm/space.h"

namespace ox {

struct Kernel;

struct Process : RefCounted {
  // With a pid and a kernel stack, ready to enter user mode with the registers that are put into frame().
  static Result<Ref<Process>> create(Kernel& kernel);
  Process(Kernel& its_kernel, int its_pid);
  static void destroy(Process* process);

  // Whose thread runs on this hart. Not for idle threads.
  static Process& current();

  // The registers it left user mode with.
  TrapFrame& frame() { return *reinterpret_cast<TrapFrame*>(thread.stack.top() - sizeof(TrapFrame)); }
  // The space the thread runs in is this process's from now on.
  void adopt_space(AddressSpace&& its_space);

  Kernel& kernel;
  const int pid;
  Thread thread;
  std::optional<AddressSpace> space;  // nothing while lent to a vfork child, and after exit
  bool borrowed_space = false;        // it is the parent's, to be given back at exec or exit (rule 7)
  FdTable files;
  Ref<Inode> cwd;
  std::uint32_t umask = 022;
  Ref<Inode> executable;
  std::uint64_t child_tid_address = 0;  // CLONE_CHILD_SETTID: where to store the pid on the first run; 0 nowhere
  std::int32_t wait_status = 0;         // set at exit
  unsigned spurious_faults = 0;         // in a row

  Atomic<std::uint64_t> pending{0};  // signals on their way: bit N - 1 is signal N

  SpinLock lock{LockRank::process};
  Ref<Process> parent GUARDED_BY(lock);

  ListHook<Process> family_hook;  // on the parent's children or zombies; guarded by the parent's family_lock
  SpinLock family_lock;
  WaitQueue family_changed;  // a child died, or gave the space back
  List<Process, &Process::family_hook> children GUARDED_BY(family_lock);
  List<Process, &Process::family_hook> zombies GUARDED_BY(family_lock);
};

// clone(2) without threads: a child that goes on where `self`'s system call returns, with 0 in a0.
struct CloneRequest {
  bool lend = false;        // CLONE_VM | CLONE_VFORK: the child runs in the parent's space until it execs or exits
  std::uint64_t stack = 0;  // the child's sp; 0 keeps the parent's
  std::uint64_t child_tid_address = 0;
};
Result<int> clone_process(Process& self, const CloneRequest& request);

// A new process's first steps, on its own stack, before it enters user mode.
void first_steps(Process& self);

// The space goes back to who lent it, or away; this hart runs on the kernel's root.
void give_up_space(Process& self);

// execve(2). `argv` and `envp` are arrays of strings in `self`'s user memory, ended by 0; 0 stands for an empty one.
// On failure `self` is as before, and `why` says what is wrong with the file, if it is the file.
Result<> exec_process(Process& self, std::string_view path, VirtAddr argv, VirtAddr envp, std::string_view& why);

// The process ends; its parent learns `wait_status` (abi/process.h).
[[noreturn]] void exit_process(Process& self, std::int32_t wait_status);

// wait4(2): the pid and the status of a dead child, which is gone then. `pid` -1 stands for any. Errno::echild if there
// is no such child; pid 0 if none is dead yet and `block` is false.
struct DeadChild {
  int pid = 0;
  std::int32_t wait_status = 0;
};
Result<DeadChild> wait_for_child(Process& self, int pid, bool block);

// Sends a signal; the receiver acts on it on its way to user mode. The default action is the only one there is yet.
void send_signal(Process& target, int signal);
// The end of a process for which there is no memory (rule 10).
[[noreturn]] void kill_for_memory(Process& self);
// On the way to user mode: does not return if a signal ends the process.
void act_on_signals(Process& self);

}  // namespace ox
