// Files: descriptors, reading and writing, paths, pipes. Also readlink of /proc/self/exe, which libc asks for.
#include <algorithm>
#include <array>

#include "abi/process.h"
#include "syscall/call.h"

namespace ox {

namespace {

// Linux: MAX_RW_COUNT; longer requests are cut, as there.
constexpr std::uint64_t longest_transfer = 0x7fff'f000;

Result<File*> file_of(Call& call) { return call.self.files.get(call.flags(0)); }

// Where a path starts that comes with the descriptor in argument 0. Descriptors of directories serve as AT_FDCWD does;
// an absolute path needs none.
Result<Ref<Inode>> base_of(Call& call, const PathPage& path) {
  if (call.integer(0) == abi::at_fdcwd || path.text.starts_with('/')) return call.self.cwd;
  Inode* const inode = TRY(file_of(call))->inode();
  if (inode == nullptr || !inode->directory()) return Errno::enotdir;
  return Ref<Inode>::share(*inode);
}

Result<Ref<Inode>> lookup(Call& call, const PathPage& path, LastLink last) {
  return call.kernel.fs.lookup(path.text, TRY(base_of(call, path)), last);
}

// A pipe without readers is a signal first and an error second.
Answer written(Call& call, Result<std::uint64_t> result) {
  if (!result && result.error() == Errno::epipe) send_signal(call.self, abi::sigpipe);
  return result;
}

Answer give_status(Call& call, unsigned argument, const abi::stat& status) {
  TRY(call.space().write_user(call.pointer(argument), status));
  return 0;
}

bool closes_on_exec(std::uint32_t flags) { return (flags & abi::o_cloexec) != 0; }

}  // namespace

Answer sys_openat(Call& call) {
  const PathPage path = TRY(call.path(1));
  const std::uint32_t flags = call.flags(2);
  return TRY(
      call.self.files.add(TRY(call.kernel.fs.open(path.text, TRY(base_of(call, path)), flags)), closes_on_exec(flags)));
}

Answer sys_close(Call& call) {
  TRY(call.self.files.close(call.flags(0)));
  return 0;
}

Answer sys_read(Call& call) {
  return TRY(file_of(call))->read(call.space(), call.pointer(1), std::min(call.arg(2), longest_transfer));
}

Answer sys_write(Call& call) {
  return written(call,
                 TRY(file_of(call))->write(call.space(), call.pointer(1), std::min(call.arg(2), longest_transfer)));
}

Answer sys_writev(Call& call) {
  File* const file = TRY(file_of(call));
  const std::uint64_t pieces = call.arg(2);
  if (pieces > abi::uio_maxiov) return Errno::einval;
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < pieces; ++i) {
    const auto piece = TRY(call.space().read_user<abi::iovec>(call.pointer(1) + i * sizeof(abi::iovec)));
    const std::uint64_t size = std::min(piece.iov_len, longest_transfer - total);
    if (size == 0) continue;
    const Result<std::uint64_t> part = written(call, file->write(call.space(), VirtAddr(piece.iov_base), size));
    if (!part) return total > 0 ? Answer(total) : part;
    total += *part;
    if (*part < size) break;
  }
  return total;
}

Answer sys_lseek(Call& call) {
  const std::uint32_t whence = call.flags(2);
  if (whence > static_cast<std::uint32_t>(abi::Whence::end)) return Errno::einval;
  return TRY(file_of(call))->seek(static_cast<std::int64_t>(call.arg(1)), static_cast<abi::Whence>(whence));
}

Answer sys_ioctl(Call& call) {
  TRY(TRY(file_of(call))->ioctl(call.space(), call.flags(1), call.pointer(2)));
  return 0;
}

Answer sys_fstat(Call& call) { return give_status(call, 1, TRY(file_of(call))->status()); }

Answer sys_newfstatat(Call& call) {
  const PathPage path = TRY(call.path(1));
  const std::uint32_t flags = call.flags(3);
  if (path.text.empty() && (flags & abi::at_empty_path) != 0) {
    const bool cwd = call.integer(0) == abi::at_fdcwd;
    return give_status(call, 2, cwd ? call.self.cwd->status() : TRY(file_of(call))->status());
  }
  const LastLink last = (flags & abi::at_symlink_nofollow) != 0 ? LastLink::keep : LastLink::follow;
  return give_status(call, 2, TRY(lookup(call, path, last))->status());
}

// As much of the target as there is room for, without a 0.
Answer sys_readlinkat(Call& call) {
  const PathPage path = TRY(call.path(1));
  if (call.integer(3) <= 0) return Errno::einval;
  Ref<Inode> link;
  std::string_view text;
  if (path.text == "/proc/self/exe") {
    text = TRY(call.kernel.fs.path_of(*call.self.executable, path.room()));
  } else {
    link = TRY(lookup(call, path, LastLink::keep));
    if (!link->symlink()) return Errno::einval;
    text = link->target();
  }
  text = text.substr(0, call.flags(3));
  TRY(call.space().copy_out(call.pointer(2), std::as_bytes(std::span(text))));
  return text.size();
}

Answer sys_dup(Call& call) { return TRY(call.self.files.add(Ref<File>::share(*TRY(file_of(call))), false)); }

Answer sys_dup3(Call& call) {
  const std::uint32_t flags = call.flags(2);
  if ((flags & ~abi::o_cloexec) != 0 || call.flags(0) == call.flags(1)) return Errno::einval;
  Ref<File> file = Ref<File>::share(*TRY(file_of(call)));
  TRY(call.self.files.put(call.flags(1), std::move(file), closes_on_exec(flags)));
  return call.flags(1);
}

Answer sys_pipe2(Call& call) {
  const std::uint32_t flags = call.flags(1);
  if ((flags & ~abi::o_cloexec) != 0) return Errno::einval;
  FdTable& files = call.self.files;
  Pipes::Ends ends = TRY(call.kernel.pipes.make());
  const unsigned reader = TRY(files.add(std::move(ends.reader), closes_on_exec(flags)));
  const Result<unsigned> writer = files.add(std::move(ends.writer), closes_on_exec(flags));
  Result<> done;
  done = writer ? call.space().write_user(call.pointer(0), std::array{reader, *writer}) : writer.error();
  if (done) return 0;
  (void)files.close(reader);
  if (writer) (void)files.close(*writer);
  return done.error();
}

}  // namespace ox
