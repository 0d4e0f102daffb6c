// One system call: who makes it, and what calls have in common. Its arguments come after it, in the types of calls.h.
//
// A function answers with a value or an Errno, which reaches the user as -errno in a0. Memory that runs out in the
// middle of a copy to the user answers Errno::enomem too; the process then ends on its way out (rule 10).
#pragma once

#include <array>
#include <cstdint>

#include "abi/process.h"
#include "hub/kernel.h"
#include "lib/result.h"
#include "proc/pid_table.h"

namespace ox {

// A path in a page of its own: kernel stacks are too small for one.
struct PathPage {
  FrameRef page;
  std::string_view text;  // in it

  std::span<char> room() const { return {reinterpret_cast<char*>(page.bytes()), page_size}; }
};

struct Call {
  Process& self;

  Kernel& kernel() const { return self.kernel; }
  AddressSpace& space() const { return *self.thread.space; }
  // An open file, and what it was opened from.
  Result<File*> file(std::uint32_t fd) const { return self.files.get(fd); }
  Result<Ref<Inode>> inode(std::uint32_t fd) const { return Ref<Inode>::share(*TRY(file(fd))->inode()); }
  // The lowest free descriptor from `from` on names `file` now.
  Result<unsigned> add_file(Ref<File> opened, bool close_on_exec, unsigned from = 0) const {
    return self.files.add(std::move(opened), close_on_exec, from, self.limits.files.rlim_cur);
  }
  // 0 is the caller's own.
  Result<Ref<Process>> process(int pid) const {
    if (pid == 0) return Ref<Process>::share(self);
    Ref<Process> process = kernel().pids.find(pid);
    if (!process) return Errno::esrch;
    return process;
  }
  // Stores `value` there, unless that is nowhere.
  template <class T>
  Result<> give(VirtAddr to, const T& value) const {
    return to == VirtAddr() ? Result<>() : space().write_user(to, value);
  }
  // The path that stands there.
  Result<PathPage> path(VirtAddr from) const {
    PathPage path{TRY(FrameRef::make(kernel().memory.frames, FrameKind::kernel)), {}};
    path.text = TRY(space().copy_string_in(path.room(), from));
    return path;
  }
};

// What a call comes to: a value for a0, which is 0 when there is no more to say than that it is done, or an error.
class [[nodiscard]] Answer : public Result<std::uint64_t> {
 public:
  using Result::Result;
  template <class T>
  constexpr Answer(const Result<T>& result) : Result(result) {}
  constexpr Answer(const Result<>& done) : Result(done ? Result(0) : done.error()) {}
};

// They stand by topic in the folder's files.
#define OX_CALL(number, name, ...) Answer sys_##name(Call call __VA_OPT__(, ) __VA_ARGS__);
#include "syscall/calls.h"
#undef OX_CALL

// locks.cpp. fcntl(2)'s commands for locks; any other: Errno::einval.
Answer lock_range(Call call, File& file, std::uint32_t command, VirtAddr address);
// time.cpp. The timespec that stands there, in ticks: Errno::einval if it is none.
Result<std::uint64_t> read_ticks(Call call, VirtAddr from);
// Stores what is left until `deadline`, unless that is nowhere.
Result<> give_time_left(Call call, VirtAddr to, std::uint64_t deadline);
// descriptors.cpp. truncate(2) and ftruncate(2) of an inode that may be written.
Answer truncate_inode(Call call, Inode& inode, std::int64_t size);
abi::rusage to_rusage(const Kernel& kernel, const Usage& usage);

}  // namespace ox
