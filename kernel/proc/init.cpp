#include "proc/init.h"

#include <array>

#include "arch/riscv/switch.h"

namespace ox {

namespace {

// Arguments as a program passes them to execve, in the first process's own memory.
struct Arguments {
  static constexpr std::size_t most = 32;

  VirtAddr next_string = user_start + page_size;
  std::size_t count = 0;
  std::array<std::uint64_t, most + 1> pointers{};  // goes to user_start

  Result<> add(AddressSpace& space, std::string_view word) {
    if (count == most) return Errno::e2big;
    pointers[count++] = next_string.value();
    TRY(space.copy_out(next_string, std::as_bytes(std::span(word))));
    next_string = next_string + word.size() + 1;
    return {};
  }
};

Result<> give_arguments(AddressSpace& space, const Options& options) {
  TRY(space.map({user_start, user_start + 4 * page_size}, {.read = true, .write = true}, RegionKind::mapping));
  Arguments arguments;
  TRY(arguments.add(space, options.init));
  std::string_view rest = options.init_arguments;
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
    TRY(arguments.add(space, word));
  }
  return space.write_user(user_start, arguments.pointers);
}

Result<Ref<Process>> make_process(Kernel& kernel) {
  Ref<Process> self = Ref<Process>::adopt(TRY(kernel.processes.make(kernel, TRY(kernel.pids.reserve()))));
  self->thread.stack = TRY(kernel.stacks.create());
  self->thread.context.ra = reinterpret_cast<std::uint64_t>(&enter_new_process);
  self->thread.context.sp = reinterpret_cast<std::uint64_t>(&self->frame());
  self->cwd = kernel.fs.root();
  const Ref<File> console = Ref<Terminal>::share(kernel.terminal);
  for (int fd = 0; fd < 3; ++fd) TRY(self->files.add(console, false));
  return self;
}

Result<> exec_first(Kernel& kernel, Process& self, std::string_view& why) {
  self.adopt_space(TRY(AddressSpace::create(kernel.memory, self.pid)));
  TRY(give_arguments(*self.space, kernel.options));
  PathPage path{.page = TRY(FrameRef::make(kernel.memory.frames, FrameKind::kernel)), .text = {}};
  const std::size_t length = kernel.options.init.copy(reinterpret_cast<char*>(path.page.bytes()), page_size);
  path.text = {reinterpret_cast<char*>(path.page.bytes()), length};
  return exec_process(self, path, user_start, VirtAddr(), why);
}

std::string_view explain(Errno error) {
  switch (error) {
    case Errno::enoent:
      return "no such file in the initramfs; put it there, or name another with init=PATH";
    case Errno::eacces:
      return "not an executable file; make it one (chmod +x), or name another with init=PATH";
    case Errno::enomem:
      return "not enough memory; give the machine more (qemu -m)";
    case Errno::e2big:
      return "too many arguments on the command line";
    default:
      return "cannot be started; name another program with init=PATH";
  }
}

}  // namespace

bool start_init(Kernel& kernel) {
  const Result<Ref<Process>> made = make_process(kernel);
  if (!made) {
    kernel.console.log("{}: {}", kernel.options.init, explain(made.error()));
    return false;
  }
  Process& self = **made;
  kernel.init = &self;
  kernel.pids.insert(*made);
  kernel.frames_before = kernel.memory.frames.free_count();
  std::string_view why;
  const Result<> done = exec_first(kernel, self, why);
  if (!done) {
    kernel.console.log("{}: {}", kernel.options.init, why.empty() ? explain(done.error()) : why);
    return false;
  }
  kernel.instructions_before = csr_read<Csr::instret>();
  kernel.scheduler.add(self.thread);
  return true;
}

}  // namespace ox
