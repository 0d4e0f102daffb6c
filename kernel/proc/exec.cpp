// execve(2): a new address space that maps the file's frames copy-on-write. No byte of the file is read.
#include <algorithm>

#include "arch/riscv/switch.h"
#include "fs/devices.h"
#include "hub/kernel.h"
#include "proc/elf.h"
#include "proc/exec_stack.h"
#include "proc/process.h"
#include "signal/deliver.h"

namespace ox {

namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view ends_name{" \t\0", 3};

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

// A file that begins with `#!`: its interpreter is run instead, with the file as an argument.
class Script {
 public:
  // `path` is the file to be run. The first lines of scripts are kept in `page`.
  Script(std::string_view path, FrameRef page) : page_(std::move(page)), words_{path} {}

  std::string_view path() const { return words_[count_ - 1]; }
  // The words that replace the first argument in argv, the last word first. Empty: the file is no script.
  std::span<const std::string_view> words() const { return {words_.data(), count_ > 1 ? count_ : 0}; }

  // True: `file` is a script, and path() is now its interpreter. Errno::enoexec if the first line names no program, or
  // one that is too long; Errno::eloop after too many interpreters that are scripts.
  Result<bool> follow(const ByteSource& file) {
    const std::span line{page_.bytes() + scripts_ * longest_line, longest_line};
    std::string_view text{reinterpret_cast<const char*>(line.data()), file.read(0, line)};
    if (!text.starts_with("#!")) return false;
    if (++scripts_ > most_scripts) return Errno::eloop;
    // As on Linux, arguments that are too long are cut, a name is not; and a 0 ends either.
    const bool cut = text.size() == longest_line && text.find('\n') == text.npos;
    text = text.substr(2, std::min(text.find('\n'), longest_line - 1) - 2);
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    const std::string_view interpreter = text.substr(0, text.find_first_of(ends_name));
    if (text.empty() || (cut && interpreter.size() == text.size())) return Errno::enoexec;
    text.remove_prefix(interpreter.size());
    const std::string_view argument = trimmed(text);
    if (!argument.empty() && text[0] != '\0') words_[count_++] = argument.substr(0, argument.find('\0'));
    words_[count_++] = interpreter;
    return true;
  }

 private:
  static constexpr std::size_t longest_line = 256;  // Linux: BINPRM_BUF_SIZE
  static constexpr std::size_t most_scripts = 5;

  FrameRef page_;
  std::size_t scripts_ = 0;
  std::size_t count_ = 1;
  std::array<std::string_view, 1 + 2 * most_scripts> words_;
};

// Maps one segment. Its pages are the file's, the last one too: the bytes after the file's part are zeroed by
// zero_out(), which copies the frame first. The pages that follow are anonymous memory.
Result<> map_segment(AddressSpace& space, RegularFile& file, const ElfSegment& segment) {
  const Prot prot = segment.prot;
  const VirtRange pages = segment.pages();
  const VirtAddr file_end = segment.address + segment.file_size;
  const VirtRange file_pages{pages.start, segment.file_size > 0 ? VirtAddr(page_ceil(file_end.value())) : pages.start};
  const std::uint64_t tail = segment.memory_size - segment.file_size;
  const std::uint64_t zeros = file_end.offset() == 0 ? 0 : std::min(tail, page_size - file_end.offset());
  const auto map = [&](VirtRange range, Prot now, Ref<PageSource> source) -> Result<> {
    if (range.empty()) return {};
    return space.map(range, now, RegionKind::image, std::move(source),
                     static_cast<std::uint32_t>(segment.file_offset / page_size));
  };
  // A read-only segment is writable until its zeros are written.
  const bool opened = zeros > 0 && !prot.write;
  TRY(map(file_pages, opened ? Prot{.read = true, .write = true} : prot, TRY(file.pages(false))));
  TRY(map({file_pages.end, pages.end}, prot, {}));
  TRY(space.populate(file_pages));
  TRY(space.zero_out(file_end, zeros));
  if (opened) TRY(space.protect(file_pages, prot));
  return {};
}

Result<> map_image(AddressSpace& space, RegularFile& file, const ElfImage& image, std::uint64_t stack,
                   Ppn signal_code) {
  for (const ElfSegment& segment : image.load_segments()) TRY(map_segment(space, file, segment));
  space.set_heap(image.heap_start);
  TRY(space.map({stack_top - stack, stack_top}, {.read = true, .write = true}, RegionKind::stack));
  TRY(space.map({signal_page, signal_page + page_size}, {.read = true, .execute = true}, RegionKind::kernel));
  return space.map_frame(signal_page, signal_code);
}

Result<Ref<File>> open_program(Process& self, std::string_view path) {
  const Ref<Inode> inode = TRY(self.kernel.fs.lookup({path, self.cwd}));
  if (inode->regular() == nullptr || (inode->status().st_mode & 0111) == 0) return Errno::eacces;
  Ref<File> file = TRY(inode->open(self.kernel.slabs, abi::o_rdonly));
  TRY(file->start_use(-1));
  return file;
}

// The process becomes the program: nothing can fail any more. (Not inlined: a kernel stack is small.)
[[gnu::noinline]] void enter_program(Process& self, std::string_view path, Ref<File> program, AddressSpace&& space,
                                     VirtAddr entry, const ProgramStack& stack) {
  self.files.close_on_exec();
  reset_signals_for_exec(self);
  self.has_execed.store(true, relaxed);
  path.remove_prefix(path.rfind('/') + 1);
  self.set_name(path);
  self.program = std::move(program);
  self.arguments = stack.arguments;
  self.kernel.memory.trace.event({.kind = Event::Kind::exec, .pid = self.pid, .name = self.name});
  give_up_space(self);
  self.adopt_space(std::move(space));
  self.space->activate();
  self.thread.fp = {};
  fp_restore(self.thread.fp);
  TrapFrame& frame = self.frame();
  frame = {};
  frame.pc() = entry.value();
  frame.sp() = stack.sp.value();
  frame.sstatus = user_sstatus;
  self.thread.user_sstatus = &frame.sstatus;
}

}  // namespace

Result<void, Refusal> exec_process(Process& self, std::string_view path, VirtAddr argv, VirtAddr envp) {
  Kernel& kernel = self.kernel;
  Script script(path, TRY(FrameRef::make(kernel.memory.frames, FrameKind::kernel)));
  Ref<File> program;
  RegularFile* file = nullptr;
  do {
    program = TRY(open_program(self, script.path()));
    file = program->inode()->regular();
  } while (TRY(script.follow(*file)));
  const Result<ElfImage, Refusal> parsed = parse_elf(*file);  // too large to be copied: a kernel stack is small
  if (!parsed) return parsed.error();
  const ElfImage& image = *parsed;
  AddressSpace space = TRY(AddressSpace::create(kernel.memory, self.pid));
  const std::uint64_t size = page_ceil(std::max(self.limits.stack.rlim_cur, 4 * page_size));
  TRY(map_image(space, *file, image, size, kernel.signal_code.ppn()));
  const ProgramStart start{
      .path = path, .script = script.words(), .argv = argv, .envp = envp, .image = image, .stack_size = size};
  const ProgramStack stack = TRY(build_stack(space, *self.space, start, kernel.random));
  enter_program(self, path, std::move(program), std::move(space), image.entry, stack);
  return {};
}

}  // namespace ox
