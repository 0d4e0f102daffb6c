// Locks on files: flock(2), and the lock commands of fcntl(2).
#include "syscall/call.h"

namespace ox {

namespace {

// Sets the range of `lock` as `asked` says (Linux: flock64_to_posix_lock).
Result<> set_range(FileLock& lock, File& file, const abi::flock& asked) {
  const auto whence = static_cast<abi::Whence>(asked.l_whence);
  if (whence > abi::Whence::end) return Errno::einval;
  std::int64_t start = 0, other_end = 0;
  if (whence == abi::Whence::end) start = file.inode()->status().st_size;
  if (whence == abi::Whence::current) start = static_cast<std::int64_t>(file.seek(0, whence).value_or(0));
  if (__builtin_add_overflow(start, asked.l_start, &start)) return Errno::eoverflow;
  const std::int64_t distance = asked.l_len > 0 ? asked.l_len - 1 : asked.l_len;
  if (start >= 0 && __builtin_add_overflow(start, distance, &other_end)) return Errno::eoverflow;
  if (start < 0 || other_end < 0) return Errno::einval;
  lock.first = static_cast<std::uint64_t>(asked.l_len < 0 ? other_end : start);
  if (asked.l_len != 0) lock.last = static_cast<std::uint64_t>(asked.l_len < 0 ? start - 1 : other_end);
  return {};
}

}  // namespace

Answer lock_range(Call call, File& file, std::uint32_t command, VirtAddr address) {
  const bool of_file = command >= abi::f_ofd_getlk;
  const std::uint32_t kind = of_file ? command - abi::f_ofd_getlk + abi::f_getlk : command;
  if (kind < abi::f_getlk || kind > abi::f_setlkw) return Errno::einval;
  auto asked = TRY(call.space().read_user<abi::flock>(address));
  const std::int16_t most = kind == abi::f_getlk ? abi::f_wrlck : abi::f_unlck;
  if (asked.l_type < abi::f_rdlck || asked.l_type > most || (of_file && asked.l_pid != 0)) return Errno::einval;
  FileLock lock{.holder = &call.self.files, .pid = call.self.pid, .type = asked.l_type};
  if (of_file) lock = {.holder = &file, .pid = -1, .type = asked.l_type};
  TRY(set_range(lock, file, asked));
  FileLocks& locks = file.inode()->locks;
  if (kind == abi::f_getlk) {
    asked.l_type = abi::f_unlck;
    if (const auto other = locks.blocker(lock)) {
      const auto size = static_cast<std::int64_t>(other->last == abi::offset_max ? 0 : other->last - other->first + 1);
      asked = {other->type, 0, 0, static_cast<std::int64_t>(other->first), size, other->pid};
    }
    return call.space().write_user(address, asked);
  }
  const std::uint32_t wrong_mode = lock.type == abi::f_rdlck ? abi::o_wronly : abi::o_rdonly;
  if (lock.type != abi::f_unlck && (file.flags() & abi::o_accmode) == wrong_mode) return Errno::ebadf;
  return locks.set(call.kernel().slabs, lock, kind == abi::f_setlkw);
}

Answer sys_flock(Call call, std::uint32_t fd, std::uint32_t operation) {
  File* const file = TRY(call.file(fd));
  const std::uint32_t kind = operation & ~abi::lock_nb;
  if (kind != abi::lock_sh && kind != abi::lock_ex && kind != abi::lock_un) return Errno::einval;
  FileLock lock{.holder = file, .by_flock = true};
  if (kind != abi::lock_un) lock.type = kind == abi::lock_sh ? abi::f_rdlck : abi::f_wrlck;
  return file->inode()->locks.set(call.kernel().slabs, lock, (operation & abi::lock_nb) == 0);
}

}  // namespace ox
