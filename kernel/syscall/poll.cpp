// Waiting for several files at once: ppoll(2) and pselect6(2).
#include <algorithm>

#include "fs/file_system.h"
#include "syscall/call.h"

namespace ox {

namespace {

// The deadline for a timeout that starts now. A null pointer means no deadline.
Result<std::uint64_t> deadline_in(Call call, VirtAddr timeout) {
  if (timeout == VirtAddr()) return no_deadline;
  return csr_read<Csr::time>() + TRY(read_ticks(call, timeout));
}

// Blocks the signals in `mask` during the call. A null pointer changes nothing.
Result<> take_mask(Call call, VirtAddr mask, std::uint64_t size) {
  if (mask == VirtAddr()) return {};
  if (size != sizeof(std::uint64_t)) return Errno::einval;
  borrow_mask(call.self, TRY(call.space().read_user<std::uint64_t>(mask)));
  return {};
}

// Calls ask() until its answer is not 0, or until the deadline. A signal ends the call, which is not made again if a
// handler ran.
template <class F>
Answer ask_until(Call call, std::uint64_t deadline, F ask) {
  PollQueue& polls = call.kernel().fs.polls;
  std::uint64_t seen = polls.begin();
  Answer answer = ask();
  while (answer && *answer == 0) {
    const Result<> woken = polls.wait(seen, deadline);
    if (woken.is(Errno::etimedout)) break;
    answer = woken ? ask() : woken.is(Errno::erestart) ? Errno::erestart_unless_handled : woken.error();
  }
  polls.end();
  if (!answer.is(Errno::erestart_unless_handled)) return_mask(call.self);
  return answer;
}

// Stores the time left at `timeout`, as Linux does. If that fails, the call must not be made again, because it would
// start with the full time.
Answer tell_time_left(Call call, VirtAddr timeout, std::uint64_t deadline, Answer answer) {
  const bool again = answer.is(Errno::erestart_unless_handled);
  return give_time_left(call, timeout, deadline) || !again ? answer : Errno::eintr;
}

// The events that `entry` asks for and its file has.
std::uint32_t ask(const FdTable& files, const abi::pollfd& entry) {
  if (entry.fd < 0) return 0;
  const Result<File*> file = files.get(static_cast<std::uint32_t>(entry.fd));
  std::uint32_t bits = file ? (*file)->poll() : abi::pollnval;
  if ((bits & abi::pollin) != 0) bits |= abi::pollrdnorm;
  if ((bits & abi::pollout) != 0) bits |= abi::pollwrnorm;
  return bits & (entry.events | abi::pollerr | abi::pollhup | abi::pollnval);
}

// Fills in the answers of `count` pollfds, some at a time. Returns how many have one.
Answer ask_all(Call call, VirtAddr entries, std::uint32_t count) {
  std::uint64_t found = 0;
  std::array<abi::pollfd, 32> batch;
  for (std::uint64_t first = 0; first < count; first += batch.size()) {
    const VirtAddr place = entries + first * sizeof(abi::pollfd);
    const std::span part = std::span(batch).first(std::min<std::uint64_t>(batch.size(), count - first));
    TRY(call.space().copy_in(std::as_writable_bytes(part), place));
    for (abi::pollfd& entry : part) {
      entry.revents = static_cast<std::uint16_t>(ask(call.self.files, entry));
      found += entry.revents != 0 ? 1 : 0;
    }
    TRY(call.space().copy_out(place, std::as_bytes(part)));
    interrupt_window();
  }
  return found;
}

// Three sets of descriptors: for reading, for writing, and for exceptions, which never happen.
using Set = std::array<std::uint64_t, FdTable::capacity / 64>;
struct Sets {
  std::array<VirtAddr, 3> places;  // in user memory; null: the set is empty
  std::size_t size = 0;            // of each set in user memory, in bytes
  std::array<Set, 3> words{};

  // Calls move(place, bytes) for each set that is in user memory.
  template <class F>
  Result<> for_each(F move) {
    for (unsigned i = 0; i < words.size(); ++i) {
      if (places[i] == VirtAddr()) continue;
      TRY(move(places[i], std::as_writable_bytes(std::span(words[i])).first(size)));
    }
    return {};
  }
};

// Sets the bits in `ready` for the descriptors in the first two sets of `asked` that are ready. Returns how many bits
// it has set.
Answer ask_sets(const FdTable& files, unsigned count, const Sets& asked, std::array<Set, 2>& ready) {
  constexpr std::array<std::uint32_t, 2> wanted{abi::pollin | abi::pollhup | abi::pollerr, abi::pollout | abi::pollerr};
  std::uint64_t found = 0;
  for (unsigned fd = 0; fd < count; ++fd) {
    if (fd % 64 == 63) interrupt_window();
    const std::uint64_t bit = std::uint64_t{1} << fd % 64;
    for (unsigned i = 0; i < asked.words.size(); ++i) {
      if ((asked.words[i][fd / 64] & bit) == 0) continue;
      File* const file = TRY(files.get(fd));
      if (i == wanted.size() || (file->poll() & wanted[i]) == 0) continue;
      ready[i][fd / 64] |= bit;
      ++found;
    }
  }
  return found;
}

}  // namespace

Answer sys_ppoll(Call call, VirtAddr entries, std::uint32_t count, VirtAddr timeout, VirtAddr mask,
                 std::uint64_t mask_size) {
  if (count > call.self.limits.files.rlim_cur) return Errno::einval;
  const std::uint64_t deadline = TRY(deadline_in(call, timeout));
  TRY(take_mask(call, mask, mask_size));
  const Answer answer = ask_until(call, deadline, [&] { return ask_all(call, entries, count); });
  return tell_time_left(call, timeout, deadline, answer);
}

Answer sys_pselect6(Call call, int count, VirtAddr in, VirtAddr out, VirtAddr except, VirtAddr timeout,
                    VirtAddr mask_argument) {
  if (count < 0) return Errno::einval;
  const unsigned files = std::min(static_cast<unsigned>(count), FdTable::capacity);
  Sets asked{.places = {in, out, except}, .size = (files + 63) / 64 * sizeof(std::uint64_t)};
  std::array<Set, 2> ready{};
  TRY(asked.for_each([&](VirtAddr from, std::span<std::byte> set) { return call.space().copy_in(set, from); }));
  const std::uint64_t deadline = TRY(deadline_in(call, timeout));
  if (mask_argument != VirtAddr()) {
    using Argument = std::array<std::uint64_t, 2>;  // address and size of the mask
    const auto mask = TRY(call.space().read_user<Argument>(mask_argument));
    TRY(take_mask(call, VirtAddr(mask[0]), mask[1]));
  }
  const Answer answer = ask_until(call, deadline, [&] { return ask_sets(call.self.files, files, asked, ready); });
  if (answer) {
    std::ranges::copy(ready, asked.words.begin());
    asked.words[2].fill(0);
    TRY(asked.for_each([&](VirtAddr to, std::span<std::byte> set) { return call.space().copy_out(to, set); }));
  }
  return tell_time_left(call, timeout, deadline, answer);
}

}  // namespace ox
