// The console as a terminal: what programs write appears, what is typed is read line by line.
//
// Owns: 4 KiB of typed characters. Lock: guards them. Output goes to a sink, which sees to it that pieces stay whole.
// Fails: Errno::erestart when a signal comes while a reader waits.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "fs/file.h"
#include "fs/job_control.h"
#include "lib/format.h"
#include "sched/wait_queue.h"
#include "sync/spinlock.h"

namespace ox {

class Terminal final : public File {
 public:
  Terminal(TextSink& output, JobControl& jobs) : output_(output), jobs_(jobs) {}

  // The leader of `session` is gone, or gives the terminal up; so the session is without one (Linux: disassociate_ctty).
  void leave(int session);

  // A character from the keyboard; called from the UART's interrupt. Backspace takes one back, ctrl-U the line, ctrl-D
  // ends the input here and now. A character that finds no room is lost; the end of a line always finds it.
  void input(char c);

  Result<std::uint64_t> read(AddressSpace& space, VirtAddr to, std::uint64_t size) override;
  Result<std::uint64_t> write(AddressSpace& space, VirtAddr from, std::uint64_t size) override;
  Result<> ioctl(AddressSpace& space, std::uint64_t request, VirtAddr argument) override;
  abi::stat status() const override;

 private:
  void erase() REQUIRES(lock_);
  bool take(std::span<char> to, std::uint64_t& count) REQUIRES(lock_);
  char& at(std::uint32_t position) REQUIRES(lock_) { return typed_[position % typed_.size()]; }

  TextSink& output_;
  JobControl& jobs_;
  SpinLock lock_{LockRank::object};
  WaitQueue readers_;
  int session_ GUARDED_BY(lock_) = 0;     // whose controlling terminal it is; 0: nobody's
  int foreground_ GUARDED_BY(lock_) = 0;  // the group that reads, and that ctrl-C is for
  // Positions of characters since boot: [read_, line_) are whole lines, [line_, end_) the one being typed.
  std::uint32_t read_ GUARDED_BY(lock_) = 0;
  std::uint32_t line_ GUARDED_BY(lock_) = 0;
  std::uint32_t end_ GUARDED_BY(lock_) = 0;
  std::array<char, 4096> typed_ GUARDED_BY(lock_) = {};
};

}  // namespace ox
