// Calls on file descriptors: reading, writing, sending, positions, flags, pipes.
#include <array>

#include "abi/process.h"
#include "abi/terminal.h"
#include "fs/file_system.h"
#include "syscall/call.h"

namespace ox {

namespace {

bool closes_on_exec(std::uint32_t flags) { return (flags & abi::o_cloexec) != 0; }

// The open file. Errno::ebadf if its access mode is `mode`.
Result<File*> file_but(Call call, std::uint32_t fd, std::uint32_t mode) {
  File* const file = TRY(call.file(fd));
  if ((file->flags() & abi::o_accmode) == mode) return Errno::ebadf;
  return file;
}
Result<File*> readable(Call call, std::uint32_t fd) { return file_but(call, fd, abi::o_wronly); }
Result<File*> writable(Call call, std::uint32_t fd) { return file_but(call, fd, abi::o_rdonly); }

// Sends the signal that belongs to an error of a write: SIGPIPE for a pipe without readers, SIGXFSZ for a file that
// would exceed RLIMIT_FSIZE. Returns the error.
Errno refusal(Call call, Errno error) {
  if (error == Errno::epipe) send_signal(call.self, abi::sigpipe);
  const bool limited = call.self.limits.file_size.rlim_cur != abi::rlim_infinity;
  if (error == Errno::efbig && limited) send_signal(call.self, abi::sigxfsz);
  return error;
}

template <class F>
[[gnu::always_inline]] inline Answer finish(Call call, File& file, UserBytes& bytes, F move) {
  bytes.file_size_limit = call.self.limits.file_size.rlim_cur;
  const Result<std::uint64_t> moved = move(file, bytes);
  return moved ? Answer(*moved) : refusal(call, moved.error());
}
// Calls move(file, bytes) for one range of bytes.
template <class F>
[[gnu::always_inline]] inline Answer transfer(Call call, File& file, VirtAddr at, std::uint64_t size, F move) {
  UserBytes bytes(call.space());
  TRY(bytes.set(at, size));
  return finish(call, file, bytes, move);
}
// Calls move(file, bytes) for the pieces in an array of iovecs.
template <class F>
Answer transfer_pieces(Call call, File& file, VirtAddr at, std::uint64_t count, F move) {
  PieceArray pieces;
  TRY(pieces.copy_in(call.space(), at, count));
  UserBytes bytes(call.space());
  TRY(bytes.set(pieces));
  return finish(call, file, bytes, move);
}

constexpr auto read_some = [](File& file, UserBytes& to) { return file.read(to); };
constexpr auto write_some = [](File& file, UserBytes& from) { return file.write(from); };
auto read_at(std::int64_t offset) {
  return [=](File& file, UserBytes& to) { return file.pread(to, offset); };
}
auto write_at(std::int64_t offset) {
  return [=](File& file, UserBytes& from) { return file.pwrite(from, offset); };
}

// Writes bytes of a file to another, from memory that maps them only meanwhile: so they are copied once.
Answer send_piece(Call call, File& out, RegularFile& in, std::uint64_t position, std::uint64_t size) {
  const std::uint64_t in_page = position % page_size;
  const VirtRange range = TRY(call.space().find_gap(page_ceil(in_page + size)));
  const auto first_page = static_cast<std::uint32_t>(position / page_size);
  TRY(call.space().map(range, {.read = true}, RegionKind::mapping, TRY(in.pages(false)), first_page));
  const Answer sent = transfer(call, out, range.start + in_page, size, write_some);
  TRY(call.space().unmap(range));
  return sent;
}

// Sends as much as one table maps at a time. An error only if nothing has been sent. Errno::efault is none: another
// process has made the file shorter meanwhile, so this is its end.
Answer send(Call call, File& out, RegularFile& in, std::uint64_t position, std::uint64_t size) {
  std::uint64_t sent = 0;
  while (sent < size && !this_thread_is_killed()) {
    const std::uint64_t from = position + sent, end = in.size();
    if (from >= end) break;
    const std::uint64_t piece = std::min({entry_span(1), size - sent, end - from});
    const Answer part = send_piece(call, out, in, from, piece);
    if (!part && sent == 0 && part.error() != Errno::efault) return part;
    sent += part.value_or(0);
    if (!part || *part < piece) break;
  }
  return sent;
}

}  // namespace

Answer sys_close(Call call, std::uint32_t fd) { return call.self.files.close(fd); }

Answer sys_read(Call call, std::uint32_t fd, VirtAddr to, std::uint64_t size) {
  return transfer(call, *TRY(readable(call, fd)), to, size, read_some);
}

Answer sys_write(Call call, std::uint32_t fd, VirtAddr from, std::uint64_t size) {
  return transfer(call, *TRY(writable(call, fd)), from, size, write_some);
}

Answer sys_readv(Call call, std::uint32_t fd, VirtAddr array, std::uint64_t count) {
  return transfer_pieces(call, *TRY(readable(call, fd)), array, count, read_some);
}

Answer sys_writev(Call call, std::uint32_t fd, VirtAddr array, std::uint64_t count) {
  return transfer_pieces(call, *TRY(writable(call, fd)), array, count, write_some);
}

Answer sys_pread64(Call call, std::uint32_t fd, VirtAddr to, std::uint64_t size, std::int64_t offset) {
  return transfer(call, *TRY(readable(call, fd)), to, size, read_at(offset));
}

Answer sys_pwrite64(Call call, std::uint32_t fd, VirtAddr from, std::uint64_t size, std::int64_t offset) {
  return transfer(call, *TRY(writable(call, fd)), from, size, write_at(offset));
}

Answer sys_preadv(Call call, std::uint32_t fd, VirtAddr array, std::uint64_t count, std::int64_t offset) {
  return transfer_pieces(call, *TRY(readable(call, fd)), array, count, read_at(offset));
}

Answer sys_pwritev(Call call, std::uint32_t fd, VirtAddr array, std::uint64_t count, std::int64_t offset) {
  return transfer_pieces(call, *TRY(writable(call, fd)), array, count, write_at(offset));
}

// Only a regular file in memory can be sent, to any file.
Answer sys_sendfile(Call call, std::uint32_t out_fd, std::uint32_t in_fd, VirtAddr offset, std::uint64_t size) {
  const bool at_offset = offset != VirtAddr();
  std::int64_t position = at_offset ? TRY(call.space().read_user<std::int64_t>(offset)) : 0;
  File& in = *TRY(readable(call, in_fd));
  if (!in.inode()->seekable()) return at_offset ? Errno::espipe : Errno::einval;
  if (!at_offset) position = static_cast<std::int64_t>(TRY(in.seek(0, abi::Whence::current)));
  std::int64_t end = 0;
  if (position < 0 || __builtin_add_overflow(position, static_cast<std::int64_t>(size), &end) || end < position)
    return Errno::einval;
  File& out = *TRY(writable(call, out_fd));
  if (in.inode()->regular() == nullptr || out.has(abi::o_append)) return Errno::einval;
  const std::uint64_t sent = TRY(
      send(call, out, *in.inode()->regular(), static_cast<std::uint64_t>(position), std::min(size, UserBytes::most)));
  position += static_cast<std::int64_t>(sent);
  if (at_offset) TRY(call.space().write_user(offset, position));
  if (!at_offset) TRY(in.seek(position, abi::Whence::set));
  return sent;
}

Answer sys_lseek(Call call, std::uint32_t fd, std::int64_t offset, std::uint32_t whence) {
  File* const file = TRY(call.file(fd));
  if (whence > static_cast<std::uint32_t>(abi::Whence::end)) return Errno::einval;
  return file->seek(offset, static_cast<abi::Whence>(whence));
}

Answer sys_getdents64(Call call, std::uint32_t fd, VirtAddr to, std::uint32_t size) {
  File* const file = TRY(call.file(fd));
  const FrameRef page = TRY(FrameRef::make(call.kernel().memory.frames, FrameKind::kernel));
  DirectoryWriter writer({page.bytes(), std::min<std::uint64_t>(size, page_size)});
  TRY(file->list(writer));
  if (writer.written().empty() && writer.full()) return Errno::einval;
  TRY(call.space().copy_out(to, writer.written()));
  return writer.written().size();
}

Answer sys_ioctl(Call call, std::uint32_t fd, std::uint32_t request, VirtAddr argument) {
  File* const file = TRY(call.file(fd));
  if (request == abi::fionread && file->inode()->type() != abi::s_ifchr) {
    return call.space().write_user(argument, static_cast<int>(TRY(file->available())));
  }
  return file->inode()->ioctl(call.space(), request, argument);
}

Answer sys_fstat(Call call, std::uint32_t fd, VirtAddr status) {
  return call.space().write_user(status, TRY(call.file(fd))->inode()->status());
}

Answer truncate_inode(Call call, Inode& inode, std::int64_t size) {
  if (size < 0) return Errno::einval;
  const bool grows = size > inode.status().st_size;
  if (grows && static_cast<std::uint64_t>(size) > call.self.limits.file_size.rlim_cur)
    return refusal(call, Errno::efbig);
  return inode.truncate(static_cast<std::uint64_t>(size));
}

Answer sys_ftruncate(Call call, std::uint32_t fd, std::int64_t size) {
  if (size < 0) return Errno::einval;
  File* const file = TRY(call.file(fd));
  return writable(call, fd) ? truncate_inode(call, *file->inode(), size) : Errno::einval;
}

// Always fails: glibc then writes a byte into each block.
Answer sys_fallocate(Call) { return Errno::eopnotsupp; }

Answer sys_fstatfs(Call call, std::uint32_t fd, VirtAddr status) {
  return call.space().write_user(status, call.kernel().fs.status(TRY(call.file(fd))->inode()));
}

// Nothing to do: files are in memory only.
Answer sys_fsync(Call call, std::uint32_t fd) {
  return TRY(call.file(fd))->inode()->seekable() ? Answer(0) : Errno::einval;
}

Answer sys_dup(Call call, std::uint32_t fd) { return TRY(call.add_file(Ref<File>::share(*TRY(call.file(fd))), false)); }

Answer sys_dup3(Call call, std::uint32_t fd, std::uint32_t new_fd, std::uint32_t flags) {
  if ((flags & ~abi::o_cloexec) != 0 || fd == new_fd) return Errno::einval;
  const std::uint64_t limit = call.self.limits.files.rlim_cur;
  TRY(call.self.files.put(new_fd, Ref<File>::share(*TRY(call.file(fd))), closes_on_exec(flags), limit));
  return new_fd;
}

Answer sys_fcntl(Call call, std::uint32_t fd, std::uint32_t command, std::uint64_t whole_argument) {
  constexpr std::uint32_t changeable = abi::o_append | abi::o_nonblock;
  const auto argument = static_cast<std::uint32_t>(whole_argument);
  FdTable& files = call.self.files;
  File* const file = TRY(call.file(fd));
  switch (command) {
    case abi::f_dupfd:
    case abi::f_dupfd_cloexec:
      if (argument >= call.self.limits.files.rlim_cur) return Errno::einval;
      return TRY(call.add_file(Ref<File>::share(*file), command == abi::f_dupfd_cloexec, argument));
    case abi::f_getfd:
      return files.closes_on_exec(fd) ? abi::fd_cloexec : 0;
    case abi::f_setfd:
      files.set_close_on_exec(fd, (argument & abi::fd_cloexec) != 0);
      return 0;
    case abi::f_getfl:
      return file->flags();
    case abi::f_setfl:
      if ((argument & (abi::o_async | abi::o_direct)) != 0) return Errno::einval;
      file->set_flags((file->flags() & ~changeable) | (argument & changeable));
      return 0;
    case abi::f_getpipe_sz:
      return file->inode()->type() == abi::s_ififo ? Answer(Pipe::capacity) : Errno::ebadf;
    default:
      return lock_range(call, *file, command, VirtAddr(whole_argument));
  }
}

Answer sys_pipe2(Call call, VirtAddr fds, std::uint32_t flags) {
  if ((flags & ~(abi::o_cloexec | abi::o_nonblock)) != 0) return Errno::einval;
  FdTable& files = call.self.files;
  auto [reads, writes] = TRY(call.kernel().fs.make_pipe(flags & abi::o_nonblock));
  const unsigned reader = TRY(call.add_file(std::move(reads), closes_on_exec(flags)));
  const Result<unsigned> writer = call.add_file(std::move(writes), closes_on_exec(flags));
  const Result<> done = writer ? call.space().write_user(fds, std::array{reader, *writer}) : writer.error();
  if (done) return 0;
  (void)files.close(reader);
  if (writer) (void)files.close(*writer);
  return done.error();
}

}  // namespace ox
