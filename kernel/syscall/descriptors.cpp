// Descriptors and what goes through them: reading, writing, positions, flags, pipes.
#include <algorithm>
#include <array>

#include "abi/process.h"
#include "syscall/call.h"

namespace ox {

namespace {

// Linux: MAX_RW_COUNT; longer requests are cut, as there.
constexpr std::uint64_t longest_transfer = 0x7fff'f000;

bool closes_on_exec(std::uint32_t flags) { return (flags & abi::o_cloexec) != 0; }

// The file in argument 0, if it is not opened in this mode.
Result<File*> file_but(Call& call, std::uint32_t mode) {
  File* const file = TRY(call.file(0));
  if ((file->flags() & abi::o_accmode) == mode) return Errno::ebadf;
  return file;
}
Result<File*> readable(Call& call) { return file_but(call, abi::o_wronly); }
Result<File*> writable(Call& call) { return file_but(call, abi::o_rdonly); }

// A pipe without readers is a signal first and an error second.
Answer written(Call& call, Answer result) {
  if (result.failed() && result.error() == Errno::epipe) send_signal(call.self, abi::sigpipe);
  return result;
}

// Calls move(address, size) for each of the pieces in argument 1.
template <class F>
Answer move_pieces(Call& call, F move) {
  const std::uint64_t pieces = call.arg(2);
  if (pieces > abi::uio_maxiov) return Errno::einval;
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < pieces; ++i) {
    const auto piece = TRY(call.space().read_user<abi::iovec>(call.pointer(1) + i * sizeof(abi::iovec)));
    const std::uint64_t size = std::min(piece.iov_len, longest_transfer - total);
    if (size == 0) continue;
    const Answer part = move(VirtAddr(piece.iov_base), size);
    if (part.failed()) return total > 0 ? Answer(total) : part;
    total += part.bits();
    if (part.bits() < size) break;
  }
  return total;
}

}  // namespace

Answer sys_close(Call& call) { return done(call.self.files.close(call.flags(0))); }

Answer sys_read(Call& call) {
  return TRY(readable(call))->read(call.space(), call.pointer(1), std::min(call.arg(2), longest_transfer));
}

Answer sys_write(Call& call) {
  File* const file = TRY(writable(call));
  return written(call, file->write(call.space(), call.pointer(1), std::min(call.arg(2), longest_transfer)));
}

Answer sys_readv(Call& call) {
  File* const file = TRY(readable(call));
  return move_pieces(call, [&](VirtAddr to, std::uint64_t size) { return file->read(call.space(), to, size); });
}

Answer sys_writev(Call& call) {
  File* const file = TRY(writable(call));
  return move_pieces(
      call, [&](VirtAddr from, std::uint64_t size) { return written(call, file->write(call.space(), from, size)); });
}

Answer sys_pread64(Call& call) {
  if (static_cast<std::int64_t>(call.arg(3)) < 0) return Errno::einval;
  return TRY(readable(call))
      ->pread(call.space(), call.pointer(1), std::min(call.arg(2), longest_transfer), call.arg(3));
}

Answer sys_pwrite64(Call& call) {
  if (static_cast<std::int64_t>(call.arg(3)) < 0) return Errno::einval;
  return TRY(writable(call))
      ->pwrite(call.space(), call.pointer(1), std::min(call.arg(2), longest_transfer), call.arg(3));
}

// Programs then copy by read and write.
Answer sys_sendfile(Call&) { return Errno::einval; }

Answer sys_lseek(Call& call) {
  const std::uint32_t whence = call.flags(2);
  if (whence > static_cast<std::uint32_t>(abi::Whence::end)) return Errno::einval;
  return TRY(call.file(0))->seek(static_cast<std::int64_t>(call.arg(1)), static_cast<abi::Whence>(whence));
}

Answer sys_getdents64(Call& call) {
  File* const file = TRY(call.file(0));
  const FrameRef page = TRY(FrameRef::make(call.kernel.memory.frames, FrameKind::kernel));
  DirectoryWriter writer({page.bytes(), std::min<std::uint64_t>(call.flags(2), page_size)});
  TRY(file->list(writer));
  if (writer.written().empty() && writer.full()) return Errno::einval;
  TRY(call.space().copy_out(call.pointer(1), writer.written()));
  return writer.written().size();
}

Answer sys_ioctl(Call& call) {
  return done(TRY(call.file(0))->inode()->ioctl(call.space(), call.flags(1), call.pointer(2)));
}

Answer sys_fstat(Call& call) {
  return done(call.space().write_user(call.pointer(1), TRY(call.file(0))->inode()->status()));
}

Answer sys_ftruncate(Call& call) {
  if (static_cast<std::int64_t>(call.arg(1)) < 0) return Errno::einval;
  File* const file = TRY(call.file(0));
  if (!writable(call)) return Errno::einval;
  return done(file->inode()->truncate(call.arg(1)));
}

// All is where it belongs at once.
Answer sys_fsync(Call& call) { return TRY(call.file(0))->inode()->seekable() ? Answer(0) : Errno::einval; }

Answer sys_dup(Call& call) { return TRY(call.self.files.add(Ref<File>::share(*TRY(call.file(0))), false)); }

Answer sys_dup3(Call& call) {
  const std::uint32_t flags = call.flags(2);
  if ((flags & ~abi::o_cloexec) != 0 || call.flags(0) == call.flags(1)) return Errno::einval;
  TRY(call.self.files.put(call.flags(1), Ref<File>::share(*TRY(call.file(0))), closes_on_exec(flags)));
  return call.flags(1);
}

Answer sys_fcntl(Call& call) {
  constexpr std::uint32_t changeable = abi::o_append | abi::o_nonblock;
  FdTable& files = call.self.files;
  const std::uint32_t fd = call.flags(0), argument = call.flags(2);
  File* const file = TRY(call.file(0));
  switch (const std::uint32_t command = call.flags(1)) {
    case abi::f_dupfd:
    case abi::f_dupfd_cloexec:
      if (argument >= FdTable::capacity) return Errno::einval;
      return TRY(files.add(Ref<File>::share(*file), command == abi::f_dupfd_cloexec, argument));
    case abi::f_getfd:
      return files.closes_on_exec(fd) ? abi::fd_cloexec : 0;
    case abi::f_setfd:
      files.set_close_on_exec(fd, (argument & abi::fd_cloexec) != 0);
      return 0;
    case abi::f_getfl:
      return file->flags();
    case abi::f_setfl:
      file->set_flags((file->flags() & ~changeable) | (argument & changeable));
      return 0;
    case abi::f_getpipe_sz:
      return file->inode()->type() == abi::s_ififo ? Answer(Pipe::capacity) : Errno::ebadf;
    default:
      return Errno::einval;
  }
}

Answer sys_pipe2(Call& call) {
  const std::uint32_t flags = call.flags(1);
  if ((flags & ~(abi::o_cloexec | abi::o_nonblock)) != 0) return Errno::einval;
  FdTable& files = call.self.files;
  auto [reads, writes] = TRY(call.kernel.fs.make_pipe(flags & abi::o_nonblock));
  const unsigned reader = TRY(files.add(std::move(reads), closes_on_exec(flags)));
  const Result<unsigned> writer = files.add(std::move(writes), closes_on_exec(flags));
  Result<> done;
  done = writer ? call.space().write_user(call.pointer(0), std::array{reader, *writer}) : writer.error();
  if (done) return 0;
  (void)files.close(reader);
  if (writer) (void)files.close(*writer);
  return done.error();
}

}  // namespace ox
