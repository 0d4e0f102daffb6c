// The functions of system calls, and the helpers that they share. Each function has a Call as its first argument; the
// call's own arguments follow, with the types in calls.h.
//
// A function returns a value or an Errno, which reaches the user as -errno in a0. If memory runs out in the middle of a
// copy to user memory, it returns Errno::enomem too; the process is then killed on its way to user mode (rule 10).
#pragma once

#include <array>
#include <cstdint>

#include "abi/process.h"
#include "hub/kernel.h"
#include "lib/result.h"
#include "proc/pid_table.h"

namespace ox {

// A path, in a page of its own because kernel stacks are too small for it.
struct PathPage {
  FrameRef page;
  std::string_view text;  // points into the page

  std::span<char> room() const { return {reinterpret_cast<char*>(page.bytes()), page_size}; }
};

struct Call {
  Process& self;

  Kernel& kernel() const { return self.kernel; }
  AddressSpace& space() const { return *self.thread.space; }
  // An open file, and its inode. Errno::ebadf: the descriptor is not open.
  Result<File*> file(std::uint32_t fd) const { return self.files.get(fd); }
  Result<Ref<Inode>> inode(std::uint32_t fd) const { return Ref<Inode>::share(*TRY(file(fd))->inode()); }
  // Makes the lowest free descriptor from `from` on refer to `opened`, and returns it.
  Result<unsigned> add_file(Ref<File> opened, bool close_on_exec, unsigned from = 0) const {
    return self.files.add(std::move(opened), close_on_exec, from, self.limits.files.rlim_cur);
  }
  // The process with this pid; 0 is the caller. Errno::esrch: there is none.
  Result<Ref<Process>> process(int pid) const {
    if (pid == 0) return Ref<Process>::share(self);
    Ref<Process> process = kernel().pids.find(pid);
    if (!process) return Errno::esrch;
    return process;
  }
  // Stores `value` at `to`, unless `to` is a null pointer.
  template <class T>
  Result<> give(VirtAddr to, const T& value) const {
    return to == VirtAddr() ? Result<>() : space().write_user(to, value);
  }
  // Copies the path at `from` from user memory.
  Result<PathPage> path(VirtAddr from) const {
    PathPage path{TRY(FrameRef::make(kernel().memory.frames, FrameKind::kernel)), {}};
    path.text = TRY(space().copy_string_in(path.room(), from));
    return path;
  }
};

// The result of a system call: a value for a0, or an error. A Result without a value becomes 0.
class [[nodiscard]] Answer : public Result<std::uint64_t> {
 public:
  using Result::Result;
  template <class T>
  constexpr Answer(const Result<T>& result) : Result(result) {}
  constexpr Answer(const Result<>& done) : Result(done ? Result(0) : done.error()) {}
};

// The functions are in the files of this folder, by topic.
#define OX_CALL(number, name, ...) Answer sys_##name(Call call __VA_OPT__(, ) __VA_ARGS__);
#include "syscall/calls.h"
#undef OX_CALL

// locks.cpp. The lock commands of fcntl(2); Errno::einval for all others.
Answer lock_range(Call call, File& file, std::uint32_t command, VirtAddr address);
// time.cpp. Reads a timespec from user memory, and converts it to ticks. Errno::einval if it is not a valid time.
Result<std::uint64_t> read_ticks(Call call, VirtAddr from);
// Stores the time left until `deadline` at `to`, unless `to` is a null pointer.
Result<> give_time_left(Call call, VirtAddr to, std::uint64_t deadline);
// descriptors.cpp. truncate(2) and ftruncate(2), for an inode that may be written.
Answer truncate_inode(Call call, Inode& inode, std::int64_t size);
abi::rusage to_rusage(const Kernel& kernel, const Usage& usage);

}  // namespace ox
