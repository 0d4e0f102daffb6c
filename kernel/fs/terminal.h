// The console as a terminal: what programs write appears, what is typed is read; job control.
//
// Owns: the line discipline, the input side of the UART, and whose terminal it is. Its lock guards all of that. A
// character that finds no room stays in the UART, and QEMU keeps what finds no room there: then the UART is silent
// until a reader has made room. One hart gets its interrupt; a reader on any other takes what has waited. Output goes
// to the console, which sees to it that pieces stay whole. Fails: with Linux's errors; Errno::erestart when a signal
// comes while a reader waits.
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

// What a terminal asks of the processes: who calls, whom a signal goes to. jobs/ implements it.
class JobControl {
 public:
  // Whose system call is being served.
  struct Caller {
    int pid = 0;
    int group = 0;
    int session = 0;
  };
  virtual Caller caller() const = 0;
  virtual bool group_is_in_session(int group, int session) const = 0;

  // To every process of the group, if there is one. Never sleeps; called from interrupts too, with no lock held.
  virtual void signal_group(int group, int signal) = 0;
  // The caller's group is in the background of its own session's terminal, and reads (SIGTTIN) or changes something or
  // writes (SIGTTOU). If it blocks or ignores the signal: Errno::eio for SIGTTIN, success for SIGTTOU. If the group is
  // an orphan: Errno::eio. Else the signal goes to the group, and the answer is Errno::erestart. (Linux:
  // __tty_check_change.)
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

  // Takes what was typed from the UART: at its interrupt, and when there is room again.
  void receive();
  // The leader of `session` is gone, or gives the terminal up; so the session is without one (Linux:
  // disassociate_ctty).
  void leave(int session);

  Result<std::uint64_t> read(UserBytes& to, std::uint64_t) override;
  Result<std::uint64_t> write(UserBytes& from, std::uint64_t&, bool) override;
  bool seekable() const override { return false; }
  Result<> ioctl(AddressSpace& space, std::uint64_t request, VirtAddr argument) override;
  std::uint32_t poll() override {
    const LockGuard guard(lock_);
    return abi::pollout | (discipline_.readable() ? abi::pollin : 0);
  }
  // Whose controlling terminal it is, 0: nobody's; and the group that reads, and that ctrl-C is for.
  struct Owner {
    int session = 0;
    int foreground = 0;
  };
  // What it is like now.
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

// /dev/tty: the terminal, for processes whose session has it.
class ControllingTerminal final : public Device {
 public:
  ControllingTerminal(FileSystem& file_system, Terminal& terminal)
      : Device(file_system, 0666, abi::device_number(5, 0)), terminal_(terminal) {}

  // Errno::enxio when the caller's session has none.
  Result<Ref<File>> open(Slabs& slabs, std::uint32_t flags) override;

 private:
  Terminal& terminal_;
};

}  // namespace ox
