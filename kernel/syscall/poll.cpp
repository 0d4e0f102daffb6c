// Waiting for several files at once.
#include "abi/poll.h"

#include <algorithm>

#include "lib/time.h"
#include "syscall/call.h"

namespace ox {

namespace {

// Argument n, a time from now on; none: for ever.
Result<std::uint64_t> deadline_in(Call& call, unsigned n) {
  if (call.arg(n) == 0) return no_deadline;
  return csr_read<Csr::time>() + TRY(read_ticks(call, n));
}

// What is left of the time goes back there, as Linux does.
void give_rest(Call& call, unsigned n, std::uint64_t deadline) {
  const std::uint64_t now = csr_read<Csr::time>();
  if (deadline == no_deadline) return;
  const std::uint64_t left = deadline - std::min(deadline, now);
  (void)call.space().write_user(call.pointer(n), to_time(left, call.kernel.scheduler.timebase()));
}

// The signals that are blocked meanwhile.
Result<> take_mask(Call& call, VirtAddr mask, std::uint64_t size) {
  if (mask == VirtAddr()) return {};
  if (size != sizeof(std::uint64_t)) return Errno::einval;
  borrow_mask(call.self, TRY(call.space().read_user<std::uint64_t>(mask)));
  return {};
}

// Asks until the answer is not 0, or the time has come. A signal ends it, and a handler's return does not bring it
// back.
template <class F>
Answer ask_until(Call& call, std::uint64_t deadline, F ask) {
  PollQueue& polls = call.kernel.fs.polls;
  std::uint64_t seen = polls.begin();
  Answer answer = ask();
  while (answer.bits() == 0) {
    const Result<> woken = polls.wait(seen, deadline);
    if (!woken && woken.error() == Errno::etimedout) break;
    answer = woken ? ask() : woken.error() == Errno::erestart ? Errno::erestart_unless_handled : woken.error();
  }
  polls.end();
  if (!answer.failed() || answer.error() != Errno::erestart_unless_handled) return_mask(call.self);
  return answer;
}

// Fills in what each pollfd in argument 0 asks for; how many have something.
Answer ask_all(Call& call) {
  std::uint64_t found = 0;
  for (std::uint64_t i = 0; i < call.flags(1); ++i) {
    const VirtAddr place = call.pointer(0) + i * sizeof(abi::pollfd);
    auto entry = TRY(call.space().read_user<abi::pollfd>(place));
    std::uint32_t bits = 0;
    if (entry.fd >= 0) {
      const Result<File*> file = call.self.files.get(static_cast<std::uint32_t>(entry.fd));
      bits = file ? (*file)->poll() : abi::pollnval;
      if ((bits & abi::pollin) != 0) bits |= abi::pollrdnorm;
      if ((bits & abi::pollout) != 0) bits |= abi::pollwrnorm;
      bits &= entry.events | abi::pollerr | abi::pollhup | abi::pollnval;
    }
    entry.revents = static_cast<std::uint16_t>(bits);
    TRY(call.space().write_user(place, entry));
    found += bits != 0 ? 1 : 0;
  }
  return found;
}

// Three sets of descriptors: to be read, to be written, and of exceptions, of which there are none.
struct Sets {
  std::array<abi::fd_set, 3> words{};
  std::size_t size = 0;  // bytes of each that the user has

  Result<> read(Call& call) {
    for (unsigned i = 0; i < words.size(); ++i) {
      if (call.arg(1 + i) == 0) continue;
      TRY(call.space().copy_in(std::as_writable_bytes(std::span(words[i])).first(size), call.pointer(1 + i)));
    }
    return {};
  }
  Result<> write(Call& call) const {
    for (unsigned i = 0; i < words.size(); ++i) {
      if (call.arg(1 + i) == 0) continue;
      TRY(call.space().copy_out(call.pointer(1 + i), std::as_bytes(std::span(words[i])).first(size)));
    }
    return {};
  }
};

// Which of `asked` are ready goes to `ready`; how many bits that is.
Answer ask_sets(const FdTable& files, unsigned count, const Sets& asked, Sets& ready) {
  constexpr std::array<std::uint32_t, 3> wanted{abi::pollin | abi::pollhup | abi::pollerr, abi::pollout | abi::pollerr,
                                                abi::pollpri};
  std::uint64_t found = 0;
  for (unsigned fd = 0; fd < count; ++fd) {
    const std::uint64_t bit = std::uint64_t{1} << fd % 64;
    for (unsigned i = 0; i < wanted.size(); ++i) {
      if ((asked.words[i][fd / 64] & bit) == 0) continue;
      if ((TRY(files.get(fd))->poll() & wanted[i]) == 0) continue;
      ready.words[i][fd / 64] |= bit;
      ++found;
    }
  }
  return found;
}

}  // namespace

Answer sys_ppoll(Call& call) {
  if (call.flags(1) > FdTable::capacity) return Errno::einval;
  const std::uint64_t deadline = TRY(deadline_in(call, 2));
  TRY(take_mask(call, call.pointer(3), call.arg(4)));
  const Answer answer = ask_until(call, deadline, [&] { return ask_all(call); });
  give_rest(call, 2, deadline);
  return answer;
}

Answer sys_pselect6(Call& call) {
  if (call.integer(0) < 0) return Errno::einval;
  const unsigned count = std::min(call.flags(0), FdTable::capacity);
  Sets asked{.size = (count + 63) / 64 * sizeof(std::uint64_t)};
  TRY(asked.read(call));
  const std::uint64_t deadline = TRY(deadline_in(call, 4));
  if (call.arg(5) != 0) {
    using Argument = std::array<std::uint64_t, 2>;  // where it is, and its size
    const auto mask = TRY(call.space().read_user<Argument>(call.pointer(5)));
    TRY(take_mask(call, VirtAddr(mask[0]), mask[1]));
  }
  Sets ready{.size = asked.size};
  const Answer answer = ask_until(call, deadline, [&] { return ask_sets(call.self.files, count, asked, ready); });
  give_rest(call, 4, deadline);
  if (!answer.failed()) TRY(ready.write(call));
  return answer;
}

}  // namespace ox
