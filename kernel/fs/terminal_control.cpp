// Controlling the terminal: ioctl(2) for its settings, its session and its foreground group.
#include <utility>

#include "abi/process.h"
#include "fs/file.h"
#include "fs/terminal.h"

namespace ox {

Result<> Terminal::ioctl(AddressSpace& space, std::uint64_t request, VirtAddr argument) {
  State now = state();
  switch (request) {
    case abi::tcgets:
      return space.write_user(argument, now.settings.old);
    case abi::tcgets2:
      return space.write_user(argument, now.settings);
    case abi::tcsets:
    case abi::tcsetsw:
    case abi::tcsetsf:
      now.settings.old = TRY(space.read_user<abi::termios>(argument));
      return set(now.settings, request == abi::tcsetsf);
    case abi::tcsets2:
    case abi::tcsetsw2:
    case abi::tcsetsf2:
      return set(TRY(space.read_user<abi::termios2>(argument)), request == abi::tcsetsf2);
    case abi::tcsbrk:
    case abi::tcsbrkp:
      return background(abi::sigttou);  // output is never buffered, so there is nothing to drain
    case abi::tcflsh:
      if (argument.value() > abi::tcioflush) return Errno::einval;
      return argument.value() == abi::tcoflush ? background(abi::sigttou) : set(now.settings, true);
    case abi::fionread:
      return space.write_user(argument, now.available);
    case abi::tiocgwinsz:
      return space.write_user(argument, now.window);
    case abi::tiocswinsz:
      return set_window(TRY(space.read_user<abi::winsize>(argument)));
    default:
      return control_jobs(space, request, argument, now.owner);
  }
}

Result<> Terminal::control_jobs(AddressSpace& space, std::uint64_t request, VirtAddr argument, Owner owner) {
  const JobControl::Caller caller = jobs_.caller();
  const auto [session, foreground] = owner;
  const bool own = session != 0 && session == caller.session;
  const bool leader = caller.pid == caller.session;
  if (request == abi::tiocsctty) {
    if (own && leader) return {};
    if (!leader || (session != 0 && argument.value() != 1)) return Errno::eperm;
    return set_owner(session, {caller.session, caller.group});
  }
  if (!own) return Errno::enotty;
  switch (request) {
    case abi::tiocnotty:
      if (!leader) return Errno::eperm;
      leave(session);
      return {};
    case abi::tiocgpgrp:
      return space.write_user(argument, foreground);
    case abi::tiocgsid:
      return space.write_user(argument, session);
    case abi::tiocspgrp: {
      TRY(background(abi::sigttou));
      const int group = TRY(space.read_user<int>(argument));
      if (group < 0) return Errno::einval;
      if (!jobs_.group_is_in_session(group, session)) return Errno::eperm;
      return set_owner(session, {session, group});
    }
    default:
      return Errno::enotty;
  }
}

void Terminal::leave(int session) {
  const auto [owner_session, foreground] = state().owner;
  if (session == 0 || session != owner_session || !set_owner(session, {})) return;
  jobs_.signal_group(foreground, abi::sighup);
  jobs_.signal_group(foreground, abi::sigcont);
}

Result<> Terminal::background(int signal) {
  const JobControl::Caller caller = jobs_.caller();
  const auto [session, foreground] = state().owner;
  if (session == 0 || session != caller.session || foreground == caller.group) return {};
  return jobs_.background(signal);
}

Result<Ref<File>> ControllingTerminal::open(Slabs& slabs, std::uint32_t flags) {
  const int session = terminal_.state().owner.session;
  if (session == 0 || session != terminal_.jobs_.caller().session) return Errno::enxio;
  return terminal_.open(slabs, flags);
}

// Errno::eperm if the terminal does not belong to session `from` any more.
Result<> Terminal::set_owner(int from, Owner owner) {
  const LockGuard guard(lock_);
  if (owner_.session != from) return Errno::eperm;
  owner_ = owner;
  return {};
}

Result<> Terminal::set(const abi::termios2& settings, bool flush) {
  TRY(background(abi::sigttou));
  bool full = false;
  {
    const LockGuard guard(lock_);
    full = !discipline_.room();
    if (flush) discipline_.flush();
    discipline_.set(settings);
    readers_.wake_all();  // the new settings may end their wait
  }
  if (full) receive();  // there may be room now
  return {};
}

Result<> Terminal::set_window(abi::winsize size) {
  int group = 0;
  {
    const LockGuard guard(lock_);
    if (std::exchange(window_, size) != size) group = owner_.foreground;
  }
  jobs_.signal_group(group, abi::sigwinch);
  return {};
}

}  // namespace ox
