// Files: descriptors, reading and writing, paths, pipes. Also readlink of /proc/self/exe, which libc asks for.
#include <algorithm>
#include <array>

#include "abi/file.h"
#include "abi/process.h"
#include "syscall/call.h"

namespace ox {

namespace {

// Linux: MAX_RW_COUNT; longer requests are cut, as there.
constexpr std::uint64_t longest_transfer = 0x7fff'f000;

Result<File*> file_of(Call& call, unsigned argument = 0) { return call.self.files.get(call.flags(argument)); }

// Where a relative path starts. Descriptors of directories serve as AT_FDCWD does.
Result<Ref<Inode>> base_directory(Call& call, unsigned argument) {
  if (call.integer(argument) == abi::at_fdcwd) return call.self.cwd;
  Inode* const inode = TRY(file_of(call, argument))->inode();
  if (inode == nullptr || !inode->directory()) return Errno::enotdir;
  return Ref<Inode>::share(*inode);
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

// As much of `text` as there is room for, without a 0 (Linux: readlink).
Answer give_text(Call& call, std::string_view text, std::uint64_t room) {
  text = text.substr(0, room);
  TRY(call.space().copy_out(call.pointer(2), std::as_bytes(std::span(text))));
  return text.size();
}

}  // namespace

Answer sys_openat(Call& call) {
  const PathPage path = TRY(read_path(call, 1));
  const std::uint32_t flags = call.flags(2);
  const Ref<Inode> base = path.text.starts_with('/') ? call.self.cwd : TRY(base_directory(call, 0));
  return TRY(call.self.files.add(TRY(call.kernel.fs.open(path.text, *base, flags)), (flags & abi::o_cloexec) != 0));
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
  const PathPage path = TRY(read_path(call, 1));
  const std::uint32_t flags = call.flags(3);
  if (path.text.empty()) {
    if ((flags & abi::at_empty_path) == 0) return Errno::enoent;
    if (call.integer(0) == abi::at_fdcwd) return give_status(call, 2, call.self.cwd->status());
    return give_status(call, 2, TRY(file_of(call))->status());
  }
  const Ref<Inode> base = path.text.starts_with('/') ? call.self.cwd : TRY(base_directory(call, 0));
  const LastLink last = (flags & abi::at_symlink_nofollow) != 0 ? LastLink::keep : LastLink::follow;
  return give_status(call, 2, TRY(call.kernel.fs.lookup(path.text, *base, last))->status());
}

Answer sys_readlinkat(Call& call) {
  const PathPage path = TRY(read_path(call, 1));
  if (call.integer(3) <= 0) return Errno::einval;
  const std::uint64_t room = static_cast<std::uint64_t>(call.integer(3));
  if (path.text == "/proc/self/exe") return give_text(call, call.self.executable_path.text, room);
  const Ref<Inode> base = path.text.starts_with('/') ? call.self.cwd : TRY(base_directory(call, 0));
  const Ref<Inode> inode = TRY(call.kernel.fs.lookup(path.text, *base, LastLink::keep));
  if (!inode->symlink()) return Errno::einval;
  const std::span<const std::byte> target = inode->piece(0);
  return give_text(call, {reinterpret_cast<const char*>(target.data()), target.size()}, room);
}

Answer sys_dup(Call& call) { return TRY(call.self.files.dup(call.flags(0))); }

Answer sys_dup3(Call& call) {
  if ((call.flags(2) & ~abi::o_cloexec) != 0) return Errno::einval;
  return TRY(call.self.files.dup_to(call.flags(0), call.flags(1), (call.flags(2) & abi::o_cloexec) != 0));
}

Answer sys_pipe2(Call& call) {
  const std::uint32_t flags = call.flags(1);
  if ((flags & ~abi::o_cloexec) != 0) return Errno::einval;
  FdTable& files = call.self.files;
  Pipes::Ends ends = TRY(call.kernel.pipes.make());
  const unsigned reader = TRY(files.add(std::move(ends.reader), (flags & abi::o_cloexec) != 0));
  const Result<unsigned> writer = files.add(std::move(ends.writer), (flags & abi::o_cloexec) != 0);
  Result<> done = writer ? Result<>() : Result<>(writer.error());
  if (writer) done = call.space().write_user(call.pointer(0), std::array{reader, *writer});
  if (!done) {
    (void)files.close(reader);
    if (writer) (void)files.close(*writer);
    return done.error();
  }
  return 0;
}

}  // namespace ox
