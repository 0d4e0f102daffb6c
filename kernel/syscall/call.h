// One system call: who makes it, with which arguments.
//
// A function answers with a value or an Errno, which reaches the user as -errno in a0. Memory that runs out in the
// middle of a copy to the user answers Errno::enomem too; the process then ends on its way out (rule 10).
#pragma once

#include <cstdint>

#include "abi/process.h"
#include "lib/result.h"
#include "proc/kernel.h"

namespace ox {

// A path in a page of its own: kernel stacks are too small for one.
struct PathPage {
  FrameRef page;
  std::string_view text;  // in it

  std::span<char> room() const { return {reinterpret_cast<char*>(page.bytes()), page_size}; }
};

struct Call {
  Kernel& kernel;
  Process& self;
  TrapFrame& frame;

  std::uint64_t arg(unsigned n) const { return frame.a(n); }
  VirtAddr pointer(unsigned n) const { return VirtAddr(arg(n)); }
  // An argument of C type int: the upper half of the register says nothing.
  int integer(unsigned n) const { return static_cast<int>(arg(n)); }
  std::uint32_t flags(unsigned n) const { return static_cast<std::uint32_t>(arg(n)); }
  AddressSpace& space() const { return *self.space; }
  // The open file that the descriptor in argument n names, and what it was opened from.
  Result<File*> file(unsigned n) const { return self.files.get(flags(n)); }
  Result<Ref<Inode>> inode(unsigned n) const { return Ref<Inode>::share(*TRY(file(n))->inode()); }
  // The process whose number is argument n; 0 is the caller's own.
  Result<Ref<Process>> process(unsigned n) const {
    if (integer(n) == 0) return Ref<Process>::share(self);
    Ref<Process> process = kernel.pids.find(integer(n));
    if (!process) return Errno::esrch;
    return process;
  }
  // Stores `value` where argument n points to, unless that is nowhere.
  template <class T>
  Result<> give(unsigned n, const T& value) const {
    return arg(n) == 0 ? Result<>() : space().write_user(pointer(n), value);
  }
  // The path that argument n points to.
  Result<PathPage> path(unsigned n) const {
    PathPage path{TRY(FrameRef::make(kernel.memory.frames, FrameKind::kernel)), {}};
    path.text = TRY(space().copy_string_in(path.room(), pointer(n)));
    return path;
  }
};

// What a call comes to, as the user finds it in a0: a value, or -errno (-1 to -4095). It fits into one register, which
// a Result does not: 8 instructions of the shortest call.
class [[nodiscard]] Answer {
 public:
  constexpr Answer(std::uint64_t value) : bits_(value) {}
  constexpr Answer(Errno error) : bits_(-static_cast<std::uint64_t>(error)) {}
  template <class T>
  constexpr Answer(const Result<T>& result)
      : bits_(result ? static_cast<std::uint64_t>(*result) : Answer(result.error()).bits_) {}

  constexpr bool failed() const { return bits_ > -std::uint64_t{4096}; }
  constexpr Errno error() const { return static_cast<Errno>(-bits_); }
  constexpr std::uint64_t bits() const { return bits_; }

 private:
  std::uint64_t bits_;
};

// 0, when that is all there is to say.
template <class T>
Answer done(const Result<T>& result) {
  return result ? Answer(0) : result.error();
}

// They stand by topic in the folder's files.
#define OX_CALL(number, name) Answer sys_##name(Call& call);
#define OX_CALL_OF_FRAME OX_CALL
#include "syscall/calls.h"
#undef OX_CALL_OF_FRAME
#undef OX_CALL

// time.cpp. The timespec that argument n points to, in ticks: Errno::einval if it is none.
Result<std::uint64_t> read_ticks(Call& call, unsigned n);
abi::rusage to_rusage(const Kernel& kernel, const Usage& usage);

// --- table.cpp. By number; who wants all registers answers Errno::needs_frame here, and otherwise to the second.
inline constexpr std::size_t call_table_size = 512;
extern const std::array<Answer (*)(Call&), call_table_size> call_table;
Answer serve_call_of_frame(Call& call);
// Leaves the error in the frame; one of the kernel's own is the caller's to act on.
Errno refuse(Process& self, TrapFrame& frame, Answer answer);

// Serves the call that `self` has trapped with, and leaves the answer in `frame`, its frame; or it is one of the
// kernel's own errors, and the frame is untouched.
inline Errno serve_system_call(Process& self, TrapFrame& frame) {
  Call call{self.kernel, self, frame};
  const std::uint64_t number = frame.a(7);
  const Answer answer = call_table[number < call_table_size ? number : 0](call);  // there is no call 0
  if (answer.failed()) [[unlikely]]
    return refuse(self, frame, answer);
  frame.a(0) = answer.bits();
  return {};
}

}  // namespace ox
