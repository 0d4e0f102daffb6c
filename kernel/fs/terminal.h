// The console as a terminal: programs read typed characters and write output; job control.
//
// When the line discipline is full, characters stay in the UART, and QEMU keeps those for which the UART has no room.
// The UART's interrupt is off then, until a reader has made room. Only the boot hart gets that interrupt; a reader on
// any hart fetches the characters that have waited. Output goes to the console, one piece at a time.
//
// Owns: the line discipline, the input side of the UART, and the terminal's session and foreground group. Locks: lock_
// guards all of that. Fails: with Linux's errors; Errno::erestart if a signal comes while a reader waits.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dev/console.h"
#include "fs/line_discipline.h"
#include "fs/memory_inode.h"
#include "fs/poll.h"
#include "sched/wait_queue.h"

namespace ox {

// The terminal's interface to processes, which are on a higher floor. jobs/ implements it.
class JobControl {
 public:
  // The process whose system call is being served.
  struct Caller {
    int pid = 0;
    int group = 0;
    int session = 0;
  };
  virtual Caller caller() const = 0;
  virtual bool group_is_in_session(int group, int session) const = 0;

  // Sends a signal to every process of the group, if the group exists. Never sleeps. Called without locks, from
  // interrupts too.
  virtual void signal_group(int group, int signal) = 0;
  // Called when a background process reads from its controlling terminal (`signal` is SIGTTIN), or writes to it or
  // changes it (SIGTTOU). If the process blocks or ignores the signal: Errno::eio for SIGTTIN, success for SIGTTOU.
  // Else if its group is orphaned: Errno::eio. Else the group gets the signal, and the result is Errno::erestart
  // (Linux: __tty_check_change).
  virtual Result<> background(int signal) = 0;

 protected:
  ~JobControl() = default;
};

class Terminal final : public Device {
 public:
  Terminal(FileSystem& file_system, Console& console, JobControl& jobs)
      : Device(file_system, 0600, abi::device_number(5, 1)),  // Linux: /dev/console
        console_(console),
        jobs_(jobs),
        discipline_(console) {}

  // Takes typed characters from the UART. Called at its interrupt, and when there is room again.
  void receive();
  // Takes the terminal away from `session`, whose leader exits or gives it up (Linux: disassociate_ctty).
  void leave(int session);

  Result<std::uint64_t> read(UserBytes& to, std::uint64_t) override;
  Result<std::uint64_t> write(UserBytes& from, std::uint64_t&, bool) override;
  bool seekable() const override { return false; }
  Result<> ioctl(AddressSpace& space, std::uint64_t request, VirtAddr argument) override;
  std::uint32_t poll() override {
    const LockGuard guard(lock_);
    return abi::pollout | (discipline_.readable() ? abi::pollin : 0);
  }
  // The session whose controlling terminal it is; 0: none. The foreground group may read, and gets ctrl-C's signal.
  struct Owner {
    int session = 0;
    int foreground = 0;
  };
  // A copy of the present state.
  struct State {
    abi::termios2 settings;
    abi::winsize window;
    Owner owner;
    std::uint32_t available = 0;  // characters that a reader may take
  };
  State state() {
    const LockGuard guard(lock_);
    return {discipline_.settings(), window_, owner_, discipline_.available()};
  }

 private:
  friend class ControllingTerminal;

  Result<> wait_for_input(std::uint64_t size) REQUIRES(lock_);
  Result<> control_jobs(AddressSpace& space, std::uint64_t request, VirtAddr argument, Owner owner);
  Result<> background(int signal);
  Result<> set_owner(int from, Owner owner);
  Result<> set(const abi::termios2& settings, bool flush);
  Result<> set_window(abi::winsize size);

  Console& console_;
  JobControl& jobs_;
  LineDiscipline discipline_ GUARDED_BY(lock_);
  WaitQueue readers_;
  Owner owner_ GUARDED_BY(lock_);
  abi::winsize window_ GUARDED_BY(lock_){.ws_row = 24, .ws_col = 80};
};

// /dev/tty: the controlling terminal of the caller's session.
class ControllingTerminal final : public Device {
 public:
  ControllingTerminal(FileSystem& file_system, Terminal& terminal)
      : Device(file_system, 0666, abi::device_number(5, 0)), terminal_(terminal) {}

  // Errno::enxio if the caller's session has no terminal.
  Result<Ref<File>> open(Slabs& slabs, std::uint32_t flags) override;

 private:
  Terminal& terminal_;
};

}  // namespace ox
