// execve(2): a new address space that maps the file's frames copy-on-write. Only the last page of a segment is copied.
#include <algorithm>
#include <cstring>

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

// Follows scripts: for a file that begins with `#!` its interpreter is run, with the file as an argument.
class Script {
 public:
  // `path` is the file to run. `page` holds the scripts' first lines, to which words() refers.
  Script(std::string_view path, FrameRef page) : page_(std::move(page)), words_{path} {}

  std::string_view path() const { return words_[count_ - 1]; }
  // The words that replace argv[0], the last word first. Empty: the file is no script.
  std::span<const std::string_view> words() const { return {words_.data(), count_ > 1 ? count_ : 0}; }

  // True: `file` is a script, and path() is now its interpreter. Errno::enoexec if the first line names no program, or
  // one that is too long; Errno::eloop after too many interpreters that are scripts.
  Result<bool> follow(const ByteSource& file) {
    const std::span line{page_.bytes() + scripts_ * longest_line, longest_line};
    std::string_view text{reinterpret_cast<const char*>(line.data()), file.read(0, line)};
    if (!text.starts_with("#!")) return false;
    if (++scripts_ > most_scripts) return Errno::eloop;
    // As on Linux, an argument that is too long is cut, but a name that is too long is an error. A 0 ends both.
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

// A copy of the last page of a segment's file contents: `bytes` bytes of page `index` of the file, then zeros.
Result<FrameRef> last_page(Memory& memory, PageSource& source, std::uint64_t index, std::uint64_t bytes) {
  const FrameRef original = TRY(source.page(index));
  FrameRef copy = TRY(FrameRef::make(memory.frames, FrameKind::page));
  std::memcpy(copy.bytes(), original.bytes(), bytes);
  std::memset(copy.bytes() + bytes, 0, page_size - bytes);
  return copy;
}

// So much of a segment is there at once; the rest comes when it is used. A sparse file can be larger than the memory.
constexpr std::uint64_t populated = 4 << 20;

// Maps one segment: the file's own pages, then anonymous memory. If the file's contents end within a page and zeros
// must follow, that page is a copy.
Result<> map_segment(AddressSpace& space, RegularFile& file, const ElfSegment& segment) {
  const VirtRange pages = segment.pages();
  const VirtAddr file_end = segment.address + segment.file_size;
  const VirtRange file_pages{pages.start, segment.file_size > 0 ? VirtAddr(page_ceil(file_end.value())) : pages.start};
  const std::uint64_t first = segment.file_offset / page_size;
  const Ref<PageSource> source = TRY(file.pages(false));
  if (!file_pages.empty()) {
    TRY(space.map(file_pages, segment.prot, RegionKind::image, source, static_cast<std::uint32_t>(first)));
  }
  if (file_pages.end < pages.end) TRY(space.map({file_pages.end, pages.end}, segment.prot, RegionKind::image));
  if (segment.memory_size > segment.file_size && file_end.offset() != 0 && segment.file_size > 0) {
    const std::uint64_t index = first + (file_end.page() - pages.start) / page_size;
    const FrameRef page = TRY(last_page(space.memory(), *source, index, file_end.offset()));
    TRY(space.map_frame(file_end.page(), page.ppn()));
  }
  return space.populate(file_pages.common({file_pages.start, file_pages.start + populated}));
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

// Replaces the process's program. Nothing can fail from here on. (Not inlined, to keep the stack frame small.)
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
  const Result<ElfImage, Refusal> parsed = parse_elf(*file);  // used in place: a kernel stack is too small for a copy
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
