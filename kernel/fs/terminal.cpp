#include "fs/terminal.h"

#include <algorithm>
#include <utility>

#include "abi/process.h"
#include "abi/terminal.h"

namespace ox {

namespace {

constexpr char control(char c) { return static_cast<char>(c & 0x1f); }
constexpr char end_of_file = control('D');  // also how the end of the input stands among the typed characters
constexpr char kill_line = control('U');
constexpr char del = 0x7f;

bool ends_line(char c) { return c == '\n' || c == end_of_file; }

constexpr abi::termios settings() {
  abi::termios settings{.c_iflag = abi::icrnl,
                        .c_oflag = 0,
                        .c_cflag = abi::b38400 | abi::cs8 | abi::cread | abi::hupcl,
                        .c_lflag = abi::icanon | abi::echo | abi::echoe | abi::echok,
                        .c_line = 0,
                        .c_cc = {}};
  settings.c_cc[abi::verase] = del;
  settings.c_cc[abi::vkill] = kill_line;
  settings.c_cc[abi::veof] = end_of_file;
  return settings;
}

}  // namespace

void Terminal::input(char c) {
  const LockGuard guard(lock_);
  if (c == '\r') c = '\n';
  if (c == del || c == '\b') return erase();
  if (c == kill_line) {
    while (end_ != line_) erase();
    return;
  }
  const bool ends = ends_line(c);
  // The last place is kept for the end of the line.
  if (end_ - read_ + (ends ? 0 : 1) >= typed_.size()) return;
  at(end_++) = c;
  if (c != end_of_file) output_.write({&c, 1});
  if (!ends) return;
  line_ = end_;
  readers_.wake_all();
}

void Terminal::leave(int session) {
  int foreground = 0;
  {
    const LockGuard guard(lock_);
    if (session == 0 || session != session_) return;
    foreground = std::exchange(foreground_, 0);
    session_ = 0;
  }
  jobs_.signal_group(foreground, abi::sighup);
  jobs_.signal_group(foreground, abi::sigcont);
}

void Terminal::erase() {
  if (end_ == line_) return;
  --end_;
  output_.write("\b \b");
}

// Moves characters of one line, `count` of them: as many as there are or fit. True: the line's end is among them.
bool Terminal::take(std::span<char> to, std::uint64_t& count) {
  for (count = 0; read_ != line_ && count < to.size();) {
    const char c = at(read_++);
    if (c != end_of_file) to[count++] = c;
    if (ends_line(c)) return true;
  }
  return false;
}

Result<std::uint64_t> Terminal::read(AddressSpace& space, VirtAddr to, std::uint64_t size) {
  std::array<char, 256> chunk;
  std::uint64_t done = 0;
  for (bool end = false; done < size && !end;) {
    std::uint64_t count = 0;
    {
      const LockGuard guard(lock_);
      while (done == 0 && read_ == line_) TRY(readers_.sleep(lock_));
      end = take(std::span(chunk).first(std::min(chunk.size(), size - done)), count);
    }
    if (count == 0) break;
    TRY(space.copy_out(to + done, std::as_bytes(std::span(chunk).first(count))));
    done += count;
  }
  return done;
}

// A line that fits into one chunk appears whole.
Result<std::uint64_t> Terminal::write(AddressSpace& space, VirtAddr from, std::uint64_t size) {
  std::array<char, 512> chunk;
  std::uint64_t done = 0;
  while (done < size) {
    const auto piece = std::span(chunk).first(std::min(chunk.size(), size - done));
    const auto copied = space.copy_in(std::as_writable_bytes(piece), from + done);
    if (!copied) return done > 0 ? Result<std::uint64_t>(done) : copied.error();
    output_.write({piece.data(), piece.size()});
    done += piece.size();
  }
  return done;
}

Result<> Terminal::ioctl(AddressSpace& space, std::uint64_t request, VirtAddr argument) {
  switch (request) {
    case abi::tcgets:
      return space.write_user(argument, settings());
    case abi::tcgets2:
      return space.write_user(argument, abi::termios2{settings(), 38400, 38400});
    case abi::tiocgwinsz:
      return space.write_user(argument, abi::winsize{.ws_row = 24, .ws_col = 80});
    default:
      return Errno::enotty;
  }
}

abi::stat Terminal::status() const {
  abi::stat status;
  status.st_mode = abi::s_ifchr | 0600;
  status.st_nlink = 1;
  status.st_rdev = abi::device_number(5, 1);  // Linux: /dev/console
  return status;
}

}  // namespace ox
