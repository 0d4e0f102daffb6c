#include "fs/terminal.h"

#include <utility>

#include "abi/process.h"
#include "fs/file_system.h"
#include "sched/scheduler.h"

namespace ox {

void Terminal::receive() {
  Uart& uart = console_.uart();
  for (int signal = -1; signal != 0;) {
    signal = 0;
    int group = 0;
    {
      const LockGuard guard(lock_);
      std::optional<char> c;
      while (signal == 0 && discipline_.room() && (c = uart.get())) signal = discipline_.input(*c);
      uart.listen(discipline_.room());
      group = owner_.foreground;
      if (discipline_.available() != 0) {
        readers_.wake_all();
        file_system_.polls.changed();
      }
    }
    if (signal != 0) jobs_.signal_group(group, signal);
  }
}

// Sleeps until a read of `size` bytes need not wait any longer (termios(3): canonical mode, MIN and TIME).
Result<> Terminal::wait_for_input(std::uint64_t size) {
  std::uint64_t deadline = no_deadline;
  for (std::uint32_t before = 0;;) {
    const std::uint32_t available = discipline_.available(), least = discipline_.least(), tenths = discipline_.tenths();
    if (available >= std::min<std::uint64_t>(size, std::max(least, 1u)) || (least == 0 && tenths == 0)) return {};
    // TIME runs from the start if MIN is 0, else from the last character.
    if (tenths == 0 || (least != 0 && available == 0)) {
      deadline = no_deadline;
    } else if (deadline == no_deadline || available != before) {
      deadline = csr_read<Csr::time>() + tenths * this_hart().current->scheduler->timebase() / 10;
    }
    before = available;
    const Result<> woken = readers_.sleep(lock_, Wake::by_signals_too, deadline);
    if (!woken) return woken.error() == Errno::etimedout || discipline_.available() != 0 ? Result<>() : woken;
  }
}

Result<std::uint64_t> Terminal::read(UserBytes& to, std::uint64_t) {
  TRY(background(abi::sigttin));
  std::array<char, 256> chunk;
  bool end = false;
  bool first = true;
  return in_pieces(to, chunk.size(), [&](std::uint64_t piece) -> Result<std::uint64_t> {
    if (end) return 0;
    std::uint64_t count = 0;
    bool full = false;
    {
      const LockGuard guard(lock_);
      if (std::exchange(first, false)) TRY(wait_for_input(to.left()));
      full = !discipline_.room();
      count = discipline_.take(std::span(chunk).first(piece), end);
    }
    if (full) receive();  // characters may wait in the UART
    TRY(to.copy_out(std::as_bytes(std::span(chunk).first(count))));
    return count;
  });
}

// A line that fits into one chunk appears without other output between its characters.
Result<std::uint64_t> Terminal::write(UserBytes& from, std::uint64_t&, bool) {
  std::array<char, 768> room;
  if ((state().settings.old.c_lflag & abi::tostop) != 0) TRY(background(abi::sigttou));
  const std::span<char> half = std::span(room).subspan(room.size() / 2);
  return in_pieces(from, half.size(), [&](std::uint64_t piece) -> Result<std::uint64_t> {
    TRY(from.copy_in(std::as_writable_bytes(half.first(piece))));
    const LockGuard guard(lock_);
    console_.write(discipline_.output(room, piece));
    return piece;
  });
}

}  // namespace ox
